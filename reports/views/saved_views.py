"""Views of the explore page that people keep: listed, saved, opened, renamed, deleted, begun with."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from reports.forms.saved_views import SaveViewForm, ViewNameForm
from reports.models import DefaultView, SavedView
from reports.pages.explore import kept_state, open_exploration
from reports.pages.frame import NoSuchAgreement
from reports.saved_views import choose_default, delete_view, rename_view, save_view

A_PAGE = 50


@page()
def saved_views(request: HttpRequest) -> HttpResponse:
    """Which views are kept, by me and for me?"""
    found = SavedView.objects.visible_to(request.user).select_related("author", "team")
    mine = set(SavedView.objects.changeable_by(request.user).values_list("pk", flat=True))
    context = {
        "views": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "changeable": mine,
        "default": DefaultView.objects.filter(person=request.user.pk)
        .values_list("view_id", flat=True)
        .first(),
    }
    return render(request, "reports/saved_views.html", context)


@page("GET", "POST")
def save(request: HttpRequest) -> HttpResponse:
    """Keep what the explore page shows under a name."""
    if request.method != "POST":
        return redirect("reports:explore")
    form = SaveViewForm(request.POST, user=request.user)
    if form.is_valid():
        now = timezone.now()
        audience, team = form.cleaned_data["audience"]
        try:
            opened = open_exploration(QueryDict(form.cleaned_data["query"]), user=request.user, now=now)
            kept = save_view(
                author=request.user,  # type: ignore[arg-type]
                name=form.cleaned_data["name"],
                audience=audience,
                team=team,
                query=kept_state(opened, now),
                now=now,
            )
        except NoSuchAgreement as error:
            raise Http404 from error
        except ValidationError as error:
            form.add_error("name", error)
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": kept.name})
            return redirect("reports:saved-view", kept.pk)
    return render(request, "reports/saved_view_save.html", {"form": form}, status=422)


@page()
def saved_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a view: its address is that of the explore page, with the rights of who opens it."""
    return redirect(f"{reverse('reports:explore')}?{_visible(request, pk).query or 'measure='}")


@page("GET", "POST")
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a view another name."""
    view = get_object_or_404(SavedView.objects.changeable_by(request.user), pk=pk)
    before, is_posted = view.name, request.method == "POST"
    form = ViewNameForm(request.POST if is_posted else None, initial={"name": before})
    if is_posted and form.is_valid():
        try:
            rename_view(view=view, name=form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error("name", error)
        else:
            messages.success(request, _("It is called “%(name)s” now.") % {"name": view.name})
            return redirect("reports:saved-views")
    context = {
        "form": form,
        "name": before,
        "list_name": _("Saved views"),
        "list_address": reverse("reports:saved-views"),
    }
    return render(request, "reports/rename.html", context, status=422 if is_posted else 200)


@page("POST")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a view away."""
    view = get_object_or_404(SavedView.objects.changeable_by(request.user), pk=pk)
    delete_view(view=view)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": view.name})
    return redirect("reports:saved-views")


@page("POST")
def begin_with(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the explore page with this view, or with the usual one again."""
    view = _visible(request, pk)
    choose_default(person=request.user, view=None if "end" in request.POST else view)  # type: ignore[arg-type]
    return redirect("reports:saved-views")


def _visible(request: HttpRequest, pk: int) -> SavedView:
    found: SavedView = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    return found
