"""What gunicorn serves: ``gunicorn --worker-class gthread --threads 8 assistant.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.settings")
application = get_wsgi_application()
