"""The playback page of an instance, what its player asks for, and one entry of the journal."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy.orm import Session

from processes.disclosure.matters import Matter
from web.auth import current
from web.matters import sight
from web.playback import snapshot
from web.playback.recording import Recording
from web.wiring import parts

bp = Blueprint("playback", __name__, template_folder="templates")


@bp.get("/instances/<instance_id>/playback")
def show(instance_id: str) -> str:
    """The page: the history as a list, which the player sets in motion."""
    with parts().database.read() as session:
        recording = _recording(session, instance_id)
        matter = Matter.of_instance(session, instance_id)
    return render_template("playback/show.html", page="matters", recording=recording, matter=matter)


@bp.get("/instances/<instance_id>/playback.json")
def recorded(instance_id: str) -> Response:
    """The entries with their traces, and the diagrams of the version that the instance ran on."""
    with parts().database.read() as session:
        return jsonify(_recording(session, instance_id).playable(session))


@bp.get("/instances/<instance_id>/entries/<int:position>")
def entry(instance_id: str, position: int) -> str:
    """What was entered at one step, as it was then; a page of its own where nobody plays."""
    with parts().database.read() as session:
        recording = _recording(session, instance_id)
        taken = snapshot.take(session, recording, recording.step(position))
        matter = Matter.of_instance(session, instance_id)
    template = "playback/entry_part.html" if request.headers.get("HX-Request") else "playback/entry.html"
    return render_template(template, page="matters", recording=recording, snapshot=taken, matter=matter)


def _recording(session: Session, instance_id: str) -> Recording:
    return Recording.of(session, sight.instance_for(session, instance_id, current.actor()))
