"""Where somebody is, and which of the restaurants there are wanted."""

from django import forms
from django.utils.translation import gettext

from catalog import cursor
from catalog.browse import MAX_CHOICE_CHARACTERS, MAX_CHOICES, MAX_WORDS_CHARACTERS, Sort, Wanted


class PlaceForm(forms.Form):
    """Coordinates in degrees, with a point or the comma of the language. Posted: addresses carry cells."""

    latitude = forms.FloatField(min_value=-90, max_value=90, localize=True)
    longitude = forms.FloatField(min_value=-180, max_value=180, localize=True)
    cuisine = forms.CharField(required=False, max_length=MAX_CHOICE_CHARACTERS)  # the one that the list begins with


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
