"""Where somebody is, and which of the restaurants there are wanted. Where is posted: addresses carry cells."""

from django import forms
from django.utils.translation import gettext

from catalog import cursor
from catalog.browse import MAX_CHOICE_CHARACTERS, MAX_CHOICES, MAX_WORDS_CHARACTERS, Sort, Wanted
from core import plain_text
from core.errors import Invalid
from core.geo import check_cell
from places.addresses import MAX_CITY, MAX_POSTCODE, MAX_REGION, MAX_STREET, Address
from regions import topology

MAX_TYPED = 200  # characters, as many as the provider of places takes


class _ToList(forms.Form):
    cuisine = forms.CharField(required=False, max_length=MAX_CHOICE_CHARACTERS)  # the one that the list begins with


class TypedForm(_ToList):
    """A street, postcode or city, in whatever words."""

    q = forms.CharField(max_length=MAX_TYPED)

    def clean_q(self) -> str:
        """What is pasted may hold characters that are no part of any address."""
        text = plain_text.clean(self.cleaned_data["q"], MAX_TYPED)
        if not plain_text.is_visible(text):
            raise forms.ValidationError(self.fields["q"].error_messages["required"], "required")
        return text


class PositionForm(_ToList):
    """Coordinates in degrees, with a point or the comma of the language."""

    latitude = forms.FloatField(min_value=-90, max_value=90, localize=True)
    longitude = forms.FloatField(min_value=-180, max_value=180, localize=True)


class Line(forms.CharField):
    def validate(self, value: str) -> None:
        super().validate(value)
        if not plain_text.is_plain(value):
            raise forms.ValidationError(gettext("Remove the characters that can’t be printed."))


class ChosenForm(_ToList):
    """One of the places that were found. It comes back from the browser, so it is only as good as what could be typed."""

    cell = forms.CharField(max_length=15)
    country = forms.CharField(max_length=2)
    street = Line(required=False, max_length=MAX_STREET)
    postcode = Line(required=False, max_length=MAX_POSTCODE)
    city = Line(required=False, max_length=MAX_CITY)
    region = Line(required=False, max_length=MAX_REGION)

    def clean_cell(self) -> str:
        try:
            return check_cell(self.cleaned_data["cell"])
        except Invalid as error:
            raise forms.ValidationError(error.detail) from error

    def clean_country(self) -> str:
        country: str = self.cleaned_data["country"]
        try:
            topology.current().jurisdiction_of_country(country)
        except Invalid as error:
            raise forms.ValidationError(error.detail) from error
        return country

    def address(self) -> Address:
        data = self.cleaned_data
        return Address(**{part: data[part] for part in ("country", "street", "postcode", "city", "region")})


class Choices(forms.MultipleChoiceField):
    """Any words, several of them: what can be chosen is in the list itself, and an address may know more."""

    def validate(self, value: list[str]) -> None:
        if len(value) > MAX_CHOICES or not all(
            len(word) <= MAX_CHOICE_CHARACTERS and word.isprintable() for word in value
        ):
            raise forms.ValidationError(
                gettext("Choose up to %(count)d, of at most %(characters)d characters each.")
                % {"count": MAX_CHOICES, "characters": MAX_CHOICE_CHARACTERS}
            )


class FilterForm(forms.Form):
    q = forms.CharField(required=False, max_length=MAX_WORDS_CHARACTERS)
    cuisine = Choices(required=False)
    diet = Choices(required=False)
    open = forms.BooleanField(required=False)
    sort = forms.ChoiceField(required=False, choices=[(sort.value, sort.value) for sort in Sort])
    cursor = forms.CharField(required=False, max_length=cursor.MAX_CHARACTERS)

    def wanted(self) -> Wanted:
        data = self.cleaned_data
        return Wanted(
            words=data["q"],
            cuisines=tuple(sorted({word for word in data["cuisine"] if word})),
            diets=tuple(sorted({word for word in data["diet"] if word})),
            only_open=data["open"],
            sort=Sort(data["sort"] or Sort.DISTANCE),
        )
