"""The first address of the API, and those that aren't there."""

from django.http import Http404
from django.urls import get_resolver

from api.views import Resource, address_of


class Root(Resource):
    tag = "Start"
    about = {"get": ("List what there is", "The address of each list, of the description and of its pages.")}

    def get(self, request):
        return self.json({name: address_of(request, name) for name in self.lists()})

    def lists(self):
        """Return the names of the addresses that take no argument and can be read."""
        _, prefix_resolver = get_resolver().namespace_dict["api"]
        names = [each.name for each in prefix_resolver.url_patterns if "<" not in str(each.pattern)]
        return [name for name in names if name not in ("root", "nothing-here")]


class NothingHere(Resource):
    """Any other address under the API's."""

    schema = None

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        raise Http404

    def known_parameters(self):
        return set(self.request.query_params)
