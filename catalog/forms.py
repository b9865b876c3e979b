"""Where somebody is, and which of the restaurants there are wanted."""

from django import forms


class PlaceForm(forms.Form):
    """Coordinates in degrees, with a point or the comma of the language. Posted: addresses carry cells."""

    latitude = forms.FloatField(min_value=-90, max_value=90, localize=True)
    longitude = forms.FloatField(min_value=-180, max_value=180, localize=True)


class FilterForm(forms.Form):
    q = forms.CharField(required=False, max_length=100, label="Search")
    cuisine = forms.CharField(required=False, max_length=60)
    open = forms.BooleanField(required=False, label="Open now")
    cursor = forms.CharField(required=False, max_length=200)
