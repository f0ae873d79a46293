"""Addresses of the reports."""

from __future__ import annotations

from django.urls import path

from reports.views import (
    calculator,
    counted,
    editions,
    explore,
    figures,
    homes,
    keeping,
    measures,
    pulse,
    recalibration,
    scenarios,
    share_links,
    simulator,
)

app_name = "reports"
urlpatterns = [
    path("", homes.home, name="home"),
    path("marketing/", homes.marketing, name="marketing"),
    path("sales/", homes.sales, name="sales"),
    path("queue/figures/", homes.my_figures, name="my-figures"),
    path("review/", homes.review, name="review"),
    path("waterfall/", figures.waterfall, name="waterfall"),
    path("waterfall/leads/", counted.counted, name="counted"),
    path("speed/", figures.speed, name="speed"),
    path("depth/", figures.depth, name="depth"),
    path("explore/", explore.explore, name="explore"),
    path("shares/", share_links.shares, name="shares"),
    path("shares/new/", share_links.share, name="share"),
    path("shares/<int:pk>/revoke/", share_links.revoke, name="revoke-share"),
    path("shared/<str:token>/", share_links.shared, name="shared"),
    path("recalibration/", figures.recalibration, name="recalibration"),
    path("agreements/<slug:slug>/recalibrated/", recalibration.draft, name="draft-from-rates"),
    path("agreements/<slug:slug>/kept/", keeping.kept, name="kept"),
    path("agreements/<slug:slug>/kept/excuse/", keeping.propose, name="propose-excuse"),
    path("agreements/<slug:slug>/editions/", editions.editions, name="editions"),
    path("editions/<int:pk>/", editions.edition, name="edition"),
    path("editions/<int:pk>/<str:paper>.pdf", editions.edition_document, name="edition-document"),
    path("editions/<int:pk>/acknowledge/", editions.acknowledge_edition, name="acknowledge-edition"),
    path("agreements/<slug:slug>/pulse/", pulse.pulse, name="pulse"),
    path("agreements/<slug:slug>/measures/", measures.measures, name="measures"),
    path("agreements/<slug:slug>/measures/enter/", measures.enter, name="enter-value"),
    path("measure-values/<int:pk>/void/", measures.void, name="void-value"),
    path("strikes/<int:pk>/", keeping.strike, name="strike"),
    path("strikes/<int:pk>/actions/", keeping.add_action, name="add-action"),
    path("actions/<int:pk>/", keeping.end, name="end-action"),
    path("excuses/<int:pk>/", keeping.excuse, name="excuse"),
    path("plan/", calculator.calculator, name="calculator"),
    path("plan/goal/", calculator.use_as_goal, name="use-as-goal"),
    path("plan/compare/", scenarios.compare, name="compare"),
    path("plan/scenarios/", scenarios.scenarios, name="scenarios"),
    path("plan/scenarios/save/", scenarios.save, name="save-scenario"),
    path("plan/scenarios/<int:pk>/", scenarios.scenario, name="scenario"),
    path("plan/scenarios/<int:pk>/rename/", scenarios.rename, name="rename-scenario"),
    path("plan/scenarios/<int:pk>/delete/", scenarios.delete, name="delete-scenario"),
    path("agreements/<slug:slug>/simulator/", simulator.simulator, name="simulator"),
    path(
        "agreements/<slug:slug>/versions/<int:number>/simulated/",
        simulator.simulated,
        name="simulated",
    ),
]
