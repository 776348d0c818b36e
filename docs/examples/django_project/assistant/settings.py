"""The settings of a project without users, sessions and a database."""

import os

SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "assistant.urls"
WSGI_APPLICATION = "assistant.wsgi.application"

INSTALLED_APPS = ["assistant"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

# For a whole answer, connecting included.
ANSWER_SECONDS = float(os.environ.get("ANSWER_SECONDS", "60"))
