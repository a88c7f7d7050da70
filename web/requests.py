"""The request, as HTTP knows it: whatever its door keeps with it."""

from typing import Any

from starlette import requests

Request = requests.Request[Any]
