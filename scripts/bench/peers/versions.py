# Which peers this Python has: versions by name as JSON, null where one is missing.
import importlib
import json

NAMES = ['fastapi', 'uvicorn', 'celery', 'redis', 'PIL', 'pydantic', 'uvloop', 'httptools', 'hiredis']


def version(name):
    try:
        module = importlib.import_module(name)
    except ImportError:
        return None
    return str(getattr(module, 'VERSION', None) or getattr(module, '__version__', 'there'))


print(json.dumps({name: version(name) for name in NAMES}))
