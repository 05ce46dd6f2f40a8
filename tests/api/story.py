"""Plays every call of the API once, in an order in which each has something to answer; what is told becomes examples.

``python -m tests.api.story`` starts a server, plays the story, and writes api/examples.json, which the OpenAPI
document shows. `tests.api.test_examples` plays it again and compares.
"""

import datetime as dt
import io
import json
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from api.store import open_store
from api.store.migrate import upgrade
from api.store.schema import deliveries
from tests.api.serving import PATIENCE_S, served
from tests.town import position, write_town

RECORDED = Path(__file__).parents[2] / "api" / "examples.json"
MOST_ITEMS, MOST_LETTERS = 2, 400
ZIP = {"Content-Type": "application/zip"}
HOME = dict(zip(("lon", "lat"), position(2.3, 3.4), strict=True)) | {"crs": "wgs84"}
DEMAND = {"home": {"lon": HOME["lon"], "lat": HOME["lat"]}, "crs": "wgs84", "worksite_id": "park", "shift_id": "day"}
ASKED = {"home": HOME, "worksite_id": "park", "shift_id": "day"}


@dataclass
class Story:
    """Asks a server, and remembers what was asked and answered."""

    http: httpx.Client
    db: str
    told: list[dict[str, Any]] = field(default_factory=list)

    def ask(
        self, call: str, body: Any = None, *, query: Any = None, content: bytes | None = None, **names: str
    ) -> dict[str, Any]:
        """Make a call, remember it, and return the answer where it is a JSON object."""
        answer = self.quietly(call, body, query=query, content=content, **names)
        assert answer.is_success, (call, answer.text)
        asked = {"path": names, "query": query or {}, "body": f"({len(content)} bytes)" if content else body}
        told = answered(answer)
        self.told.append(
            {"call": call, **asked, "status": answer.status_code, "type": media_type(answer), "answer": shortened(told)}
        )
        return told if isinstance(told, dict) else {}

    def quietly(
        self, call: str, body: Any = None, *, query: Any = None, content: bytes | None = None, **names: str
    ) -> httpx.Response:
        """Make a call without remembering it."""
        method, path = call.split(" ")
        if content is not None:
            return self.http.request(method, path.format(**names), content=content, headers=ZIP, params=query)
        return self.http.request(method, path.format(**names), json=body, params=query)

    def until(self, call: str, done: Any, body: Any = None, **names: str) -> dict[str, Any]:
        """Ask again and again until the answer is as wanted."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            answer = self.quietly(call, body, **names)
            if answer.is_success and done(answer.json()):
                return dict(answer.json())
            time.sleep(0.3)
        raise AssertionError(f"waited in vain for {call}: {answer.text}")

    def job(self, body: dict[str, Any]) -> dict[str, Any]:
        """Begin a job and wait for its end."""
        begun = self.quietly("POST /v1/jobs", body).json()
        return self.until("GET /v1/jobs/{job_id}", lambda told: told["ended_at"] is not None, job_id=begun["job_id"])

    def play(self) -> list[dict[str, Any]]:
        """Make every call."""
        for call in ("GET /healthz", "GET /readyz", "GET /metrics"):
            self.ask(call)
        self._scenarios_and_jobs()
        first, second = (str(job["result"]["plan_id"]) for job in self._plans())
        self._formats(first, second)
        self._riders()
        self._seats()
        self._wishes_and_records()
        self._webhooks()
        self.ask("POST /v1/plans/{plan_id}/retire", plan_id=second)
        self.ask("DELETE /v1/riders/{rider_id}", rider_id="u-17")
        return self.told

    def _scenarios_and_jobs(self) -> None:
        made = self.ask("POST /v1/scenarios", content=town_archive())
        self.ask("GET /v1/scenarios", query={"limit": 1})
        self.ask("GET /v1/scenarios/{scenario_id}", scenario_id=made["scenario_id"])

    def _plans(self) -> list[dict[str, Any]]:
        body = {"kind": "plan", "scenario": "town", "iterations": 200, "seed": 1, "workers": 1}
        begun = self.ask("POST /v1/jobs", body)
        names = {"job_id": begun["job_id"]}
        first = self.until("GET /v1/jobs/{job_id}", lambda told: told["ended_at"] is not None, **names)
        second = self.job(body | {"seed": 2})
        self.ask("GET /v1/jobs/{job_id}", **names)
        self.ask("GET /v1/jobs/{job_id}/events", **names)
        self.ask("POST /v1/jobs/{job_id}/stop", **names)
        plans = [job["result"]["plan_id"] for job in (first, second)]
        compared = self.job({"kind": "compare", "before": plans[0], "after": plans[1]})
        self.ask("GET /v1/jobs/{job_id}/files/{name}", job_id=compared["job_id"], name="diff.json")
        endless = self.quietly("POST /v1/jobs", {"kind": "plan", "scenario": "town", "time_limit_s": 3_600}).json()
        self.ask("DELETE /v1/jobs/{job_id}", job_id=endless["job_id"])
        self.ask("GET /v1/jobs", query={"state": "succeeded", "limit": 1})
        return [first, second]

    def _formats(self, first: str, second: str) -> None:
        for step in ("propose", "approve"):
            self.ask(f"POST /v1/plans/{{plan_id}}/{step}", plan_id=first)
        self.ask("POST /v1/plans/{plan_id}/publish", {"effective_from": today().isoformat()}, plan_id=first)
        self.ask("GET /v1/plans", query={"state": "published"})
        for what in ("", ".geojson", "/gtfs.zip", ".xlsx", "/letters.html", "/state"):
            self.ask(f"GET /v1/plans/{{plan_id}}{what}", plan_id=first)
        for what in ("", "/letters.html", "/changes.geojson"):
            self.ask(f"GET /v1/plans/{{plan_id}}/diff/{{other}}{what}", plan_id=first, other=second)

    def _riders(self) -> None:
        self.ask("PUT /v1/riders/{rider_id}", DEMAND, rider_id="u-17")
        self.ask("POST /v1/riders", {"riders": [DEMAND | {"rider_id": "u-18", "need": "short_walk"}]})
        self.ask("GET /v1/riders/{rider_id}", rider_id="u-17")

    def _seats(self) -> None:
        day = next_monday().isoformat()
        asked = ASKED | {"dates": [day]}
        found = self.until("POST /v1/offers", lambda told: bool(told["offers"]), asked)
        self.ask("POST /v1/offers", asked)
        legs = [leg_of(leg) for leg in found["offers"][0]["legs"]]
        held = [self.ask("POST /v1/holds", {"rider_id": "u-17", "legs": legs, "dates": [day]})]
        held.append(self.quietly("POST /v1/holds", {"legs": legs[:1], "dates": [day]}).json())
        self.ask("GET /v1/holds/{hold_id}", hold_id=held[0]["hold_id"])
        for what, hold in (("extend", held[0]), ("confirm", held[0]), ("release", held[1])):
            self.ask(f"POST /v1/holds/{{hold_id}}/{what}", hold_id=hold["hold_id"])
        seats = self.ask("GET /v1/trips/{trip_id}/seats", query={"date": day}, trip_id=legs[0]["trip_id"])
        place = self.ask("POST /v1/waiting", legs[0] | {"date": day, "count": seats["seats"]})
        for method in ("GET", "DELETE"):
            self.ask(f"{method} /v1/waiting/{{waiting_id}}", waiting_id=place["waiting_id"])
        record = {"trip_id": legs[0]["trip_id"], "service_date": day, "kind": "boarded", "people": 12}
        self.ask("POST /v1/boardings", {"records": [record]})
        self.ask("GET /v1/counts", query={"from": day, "to": day})
        self.ask("GET /v1/displaced", query={"limit": 10})

    def _wishes_and_records(self) -> None:
        wish = self.ask("POST /v1/wishes", ASKED | {"shift_id": "late"})
        for method in ("GET", "DELETE"):
            self.ask(f"{method} /v1/wishes/{{wish_id}}", wish_id=wish["wish_id"])

    def _webhooks(self) -> None:
        url = "https://booking.example.com/hooks"
        hook = self.ask("POST /v1/webhooks", {"url": url, "types": ["plan.published", "booking.confirmed"]})
        names = {"webhook_id": hook["webhook_id"]}
        self.ask("GET /v1/webhooks")
        self.ask("GET /v1/webhooks/{webhook_id}", **names)
        second = self.quietly("POST /v1/holds", {"legs": [self._leg()], "dates": [next_monday().isoformat()]}).json()
        self.quietly("POST /v1/holds/{hold_id}/confirm", hold_id=second["hold_id"])
        waits = "GET /v1/webhooks/{webhook_id}/deliveries"
        # Nobody listens at that address: once the first attempt has failed, the next one is seconds away.
        found = self.until(waits, lambda told: any(each["last_error"] for each in told["deliveries"]), **names)
        name = str(found["deliveries"][0]["delivery_id"])
        store = open_store(self.db)
        with store.write() as connection:  # hours of attempts, in a moment
            dead = sa.update(deliveries).where(deliveries.c.delivery_id == name)
            connection.execute(dead.values(state="dead", attempts=8, last_error="no answer"))
        store.close()
        self.ask(waits, query={"state": "dead"}, **names)
        self.ask("POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/retry", delivery_id=name, **names)
        self.ask("DELETE /v1/webhooks/{webhook_id}", **names)

    def _leg(self) -> dict[str, str]:
        return next(dict(told["body"]["legs"][0]) for told in self.told if told["call"] == "POST /v1/holds")


def today() -> dt.date:
    """Return the date in Shanghai."""
    return (dt.datetime.now(tz=dt.UTC) + dt.timedelta(hours=8)).date()


def next_monday() -> dt.date:
    """Return the next Monday but today."""
    return today() + dt.timedelta(days=7 - today().weekday())


def leg_of(leg: dict[str, Any]) -> dict[str, str]:
    """Return the leg of an offer as it is held."""
    ends = (leg["stop_id"], leg["worksite_id"])
    board, alight = ends if leg["direction"] == "inbound" else ends[::-1]
    return {"trip_id": leg["trip_id"], "board_stop_id": board, "alight_stop_id": alight}


def town_archive() -> bytes:
    """Return the small town's scenario as an archive, the same bytes each time."""
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(write_town(Path(folder) / "town").iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name, (2026, 1, 1, 0, 0, 0)), path.read_bytes())
    return packed.getvalue()


def media_type(answer: httpx.Response) -> str:
    """Return the media type of an answer, empty where there is no body."""
    return answer.headers.get("content-type", "").split(";")[0] if answer.content else ""


def answered(answer: httpx.Response) -> Any:
    """Return the body of an answer as an example shows it."""
    kind = media_type(answer)
    if not kind:
        return None
    if kind.endswith("json"):
        return answer.json()
    return answer.text if kind.startswith("text/") else f"({len(answer.content)} bytes)"


def shortened(value: Any) -> Any:
    """Return a document with a few items of each list, and the beginning of long texts."""
    if isinstance(value, dict):
        return {name: "…" if name == "secret" else shortened(inside) for name, inside in value.items()}
    if isinstance(value, list):
        return [shortened(inside) for inside in value[:MOST_ITEMS]]
    return value[:MOST_LETTERS] + "…" if isinstance(value, str) and len(value) > MOST_LETTERS else value


def nameless(value: Any) -> Any:
    """Return what was asked with ids and dates taken out, which differ from time to time."""
    text = re.sub(r"\b[a-z]+_[0-9A-HJKMNP-TV-Z]{26}\b", "ID", json.dumps(value, sort_keys=True))
    return json.loads(re.sub(r"\b\d{4}-\d\d-\d\d\b", "DATE", re.sub(r"\(\d+ bytes\)", "BYTES", text)))


@contextmanager
def told(folder: Path) -> Iterator[list[dict[str, Any]]]:
    """Play the story on a real server with a worker, on a new database in a folder."""
    db = f"sqlite:///{folder / 'story.db'}"
    store = open_store(db)
    upgrade(store)
    store.close()
    with served(db, "--workers", "1") as server:
        try:
            headers = {"Authorization": f"Bearer {server.key}"}
            with httpx.Client(base_url=server.url, headers=headers, timeout=PATIENCE_S) as http:
                yield Story(http, db).play()
        finally:
            server.terminate()


def main() -> None:
    """Record the examples."""
    with tempfile.TemporaryDirectory() as folder, told(Path(folder)) as story:
        text = json.dumps(story, ensure_ascii=False, indent=1)
        RECORDED.write_text(text + "\n", "utf-8")
        sys.stderr.write(f"{len(story)} calls told\n")


if __name__ == "__main__":
    main()
