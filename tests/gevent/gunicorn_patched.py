"""gunicorn's settings for a program that is loaded before the fork: patched before it is loaded."""

from gevent import monkey

monkey.patch_all()
