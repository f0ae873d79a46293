"""Addresses of the reports."""

from __future__ import annotations

from django.urls import path

from reports import (
    calculator_views,
    home_views,
    keeping_views,
    scenario_views,
    simulator_views,
    views,
)

app_name = "reports"
urlpatterns = [
    path("", home_views.home, name="home"),
    path("marketing/", home_views.marketing, name="marketing"),
    path("sales/", home_views.sales, name="sales"),
    path("review/", home_views.review, name="review"),
    path("waterfall/", views.waterfall, name="waterfall"),
    path("speed/", views.speed, name="speed"),
    path("depth/", views.depth, name="depth"),
    path("recalibration/", views.recalibration, name="recalibration"),
    path("agreements/<slug:slug>/kept/", keeping_views.kept, name="kept"),
    path("agreements/<slug:slug>/kept/excuse/", keeping_views.propose, name="propose-excuse"),
    path("strikes/<int:pk>/", keeping_views.strike, name="strike"),
    path("strikes/<int:pk>/actions/", keeping_views.add_action, name="add-action"),
    path("actions/<int:pk>/", keeping_views.end, name="end-action"),
    path("excuses/<int:pk>/", keeping_views.excuse, name="excuse"),
    path("plan/", calculator_views.calculator, name="calculator"),
    path("plan/goal/", calculator_views.use_as_goal, name="use-as-goal"),
    path("plan/compare/", scenario_views.compare, name="compare"),
    path("plan/scenarios/", scenario_views.scenarios, name="scenarios"),
    path("plan/scenarios/save/", scenario_views.save, name="save-scenario"),
    path("plan/scenarios/<int:pk>/", scenario_views.scenario, name="scenario"),
    path("plan/scenarios/<int:pk>/rename/", scenario_views.rename, name="rename-scenario"),
    path("plan/scenarios/<int:pk>/delete/", scenario_views.delete, name="delete-scenario"),
    path("agreements/<slug:slug>/simulator/", simulator_views.simulator, name="simulator"),
    path(
        "agreements/<slug:slug>/versions/<int:number>/simulated/",
        simulator_views.simulated,
        name="simulated",
    ),
]
