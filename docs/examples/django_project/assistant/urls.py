"""The addresses of the two views."""

from django.urls import path

from assistant import views

urlpatterns = [
    path("", views.index, name="index"),
    path("answer", views.answer, name="answer"),
]
