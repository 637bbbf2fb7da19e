"""Settings: from the environment (``CHATSITE_…``), with defaults that run one process on SQLite.

Every variable stands once in ``VARIABLES`` with its type and default; the README's table is compared
with it by a test. Each can also be read from a file: ``CHATSITE_SECRET_KEY_FILE=/run/secrets/key``.
"""

import sys
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from chatsite.environment import check_words, make_folder, read_database, read_secret_key, read_site

BASE_DIR = Path(__file__).resolve().parent.parent

VARIABLES: dict[str, tuple[type, Any]] = {
    "CHATSITE_DATA": (str, "data"),
    "CHATSITE_SITE_URL": (str, ""),
    "CHATSITE_HOST": (str, "127.0.0.1"),
    "CHATSITE_PORT": (int, 8000),
    "CHATSITE_SECRET_KEY": (str, ""),
    "CHATSITE_DATABASE_URL": (str, ""),
    "CHATSITE_REDIS_URL": (str, ""),
    "CHATSITE_DISCOVER_PROVIDERS": (bool, True),
    "CHATSITE_TRUSTED_PROXIES": (list, []),
    "CHATSITE_TIME_ZONE": (str, "UTC"),
    "CHATSITE_LOG_LEVEL": (str, "INFO"),
    "CHATSITE_SESSION_DAYS": (int, 30),
    "CHATSITE_SESSION_IDLE_DAYS": (int, 14),
    "CHATSITE_LIMIT_FRAME_BYTES": (int, 1024 * 1024),
    "CHATSITE_LIMIT_MESSAGE_CHARACTERS": (int, 200_000),
    "CHATSITE_LIMIT_JSON_DEPTH": (int, 32),
    "CHATSITE_LIMIT_JSON_KEYS": (int, 1_000),
    "CHATSITE_LIMIT_FRAMES_PER_SECOND": (int, 20),
    "CHATSITE_LIMIT_FRAMES_BURST": (int, 60),
    "CHATSITE_LIMIT_SOCKETS_PER_USER": (int, 20),
    "CHATSITE_LIMIT_GENERATIONS_PER_USER": (int, 4),
    "CHATSITE_LIMIT_QUEUE_PER_USER": (int, 50),
    "CHATSITE_LIMIT_UNSENT_BYTES": (int, 256 * 1024),
    "CHATSITE_LIMIT_UPSTREAM_LINE_BYTES": (int, 1024 * 1024),
    "CHATSITE_LIMIT_ANSWER_BYTES": (int, 4 * 1024 * 1024),
    "CHATSITE_LIMIT_ANSWER_SECONDS": (int, 30 * 60),
    "CHATSITE_LIMIT_UPLOAD_BYTES": (int, 20_000_000),
    "CHATSITE_LIMIT_IMPORT_BYTES": (int, 200_000_000),
    "CHATSITE_LIMIT_FILE_BYTES_PER_USER": (int, 2_000_000_000),
}

env = environ.FileAwareEnv(**VARIABLES)
check_words(env, VARIABLES)


def limit(name: str) -> int:
    """A limit of VARIABLES by the end of its name; below 1 it would switch the product off."""
    value: int = env(f"CHATSITE_LIMIT_{name}")
    if value < 1:
        message = f"CHATSITE_LIMIT_{name} must be at least 1"
        raise ImproperlyConfigured(message)
    return value


DATA_DIR = make_folder((BASE_DIR / env("CHATSITE_DATA")).resolve())
HOST: str = env("CHATSITE_HOST")
PORT: int = env("CHATSITE_PORT")
SITE = read_site(env("CHATSITE_SITE_URL"), HOST, PORT)
SITE_URL = SITE.url
SITE_ORIGINS = SITE.origins
IS_HTTPS = SITE.is_https

SECRET_KEY = read_secret_key(env("CHATSITE_SECRET_KEY"), DATA_DIR)
DEBUG = False
# the loopback names always: health checks come from this machine, and no link is built from the Host header
ALLOWED_HOSTS = sorted({SITE.host, "127.0.0.1", "localhost", "[::1]"})
CSRF_TRUSTED_ORIGINS = SITE_ORIGINS
TRUSTED_PROXIES: list[str] = env("CHATSITE_TRUSTED_PROXIES")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "lucide",
    "template_partials",
    "conversations",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "chatsite.middleware.headers_middleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "chatsite.sessions.SessionLifeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chatsite.middleware.TimeZoneMiddleware",
    "chatsite.middleware.ChatErrorMiddleware",
]
ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
AUTH_USER_MODEL = "conversations.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["template_partials.templatetags.partials", "lucide.templatetags.lucide"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {"default": read_database(env("CHATSITE_DATABASE_URL"), DATA_DIR / "chatsite.sqlite3")}
DISCOVER_PROVIDERS: bool = env("CHATSITE_DISCOVER_PROVIDERS")

REDIS_URL: str = env("CHATSITE_REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # attempts to sign in must not push each other out
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE: str = env("CHATSITE_TIME_ZONE")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
SERVESTATIC_ALLOW_ALL_ORIGINS = False  # other sites have no business with our files
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chatsite.storage.SiteStorage"},
}

# sign-in and sessions (security.md D)
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 86_400 * env("CHATSITE_SESSION_DAYS")
SESSION_IDLE_SECONDS = 86_400 * env("CHATSITE_SESSION_IDLE_DAYS")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "conversations.views.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "display_name", "email"]},
    },
    {"NAME": "conversations.forms.passwords.MaximumLengthValidator"},
]

# browser boundary (security.md C)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "connect-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}

# limits (security.md F)
LIMIT_FRAME_BYTES = limit("FRAME_BYTES")
LIMIT_MESSAGE_CHARACTERS = limit("MESSAGE_CHARACTERS")
LIMIT_JSON_DEPTH = limit("JSON_DEPTH")
LIMIT_JSON_KEYS = limit("JSON_KEYS")
LIMIT_FRAMES_PER_SECOND = limit("FRAMES_PER_SECOND")
LIMIT_FRAMES_BURST = limit("FRAMES_BURST")
LIMIT_SOCKETS_PER_USER = limit("SOCKETS_PER_USER")
LIMIT_GENERATIONS_PER_USER = limit("GENERATIONS_PER_USER")
LIMIT_QUEUE_PER_USER = limit("QUEUE_PER_USER")
LIMIT_UNSENT_BYTES = limit("UNSENT_BYTES")
LIMIT_UPSTREAM_LINE_BYTES = limit("UPSTREAM_LINE_BYTES")
LIMIT_ANSWER_BYTES = limit("ANSWER_BYTES")
LIMIT_ANSWER_SECONDS = limit("ANSWER_SECONDS")
LIMIT_UPLOAD_BYTES = limit("UPLOAD_BYTES")
LIMIT_IMPORT_BYTES = limit("IMPORT_BYTES")
LIMIT_FILE_BYTES_PER_USER = limit("FILE_BYTES_PER_USER")
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * LIMIT_MESSAGE_CHARACTERS + 64 * 1024  # a character may take 12 bytes in a form
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"tokens": {"()": "chatsite.logs.TokenFilter"}},
    "handlers": {
        "stderr": {"filters": ["tokens"], "class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}
    },
    "root": {"handlers": ["stderr"], "level": env("CHATSITE_LOG_LEVEL")},
    "loggers": {"httpx": {"level": "WARNING"}, "httpcore": {"level": "WARNING"}, "daphne": {"level": "WARNING"}},
}
