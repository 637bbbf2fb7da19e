"""Loaded by the LiteLLM proxy: writes the messages of each call to the file named by RECORD, one JSON line a call."""

import json
import os
from pathlib import Path
from typing import Any

from litellm.integrations.custom_logger import CustomLogger


class Recorder(CustomLogger):  # type: ignore[misc]  # lives in an environment of its own
    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str
    ) -> dict[str, Any]:
        with Path(os.environ["RECORD"]).open("a") as file:
            file.write(json.dumps({"messages": data.get("messages"), "stream": data.get("stream")}) + "\n")
        return data


recorder = Recorder()
