"""Settings from the environment, wrong ones refused by name."""

from __future__ import annotations

import pytest

from web import config


def read(tmp_path, **variables):
    return config.read({"MINGTANG_VAR": str(tmp_path), "PATH": "/bin", **variables})


def test_everything_has_a_default_below_one_folder(tmp_path):
    settings = read(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/mingtang.db"
    assert settings.store_url == (tmp_path / "store").as_uri()
    assert settings.bind == ("127.0.0.1", 8000) and settings.upload_limit == 25 * 1024 * 1024


def test_the_secret_is_made_once_and_read_by_its_owner_alone(tmp_path):
    first, second = read(tmp_path).secret_key, read(tmp_path).secret_key
    assert first == second and len(first) >= 32
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MINGTANG_DATABASE_URL", "mysql://x"),
        ("MINGTANG_SECRET_KEY", "short"),
        ("MINGTANG_BIND", "8000"),
        ("MINGTANG_BIND", "127.0.0.1:99999"),
        ("MINGTANG_UPLOAD_LIMIT_MB", "25MB"),
        ("MINGTANG_UPLOAD_LIMIT_MB", "0"),
        ("MINGTANG_SESSION_MINUTES", "-5"),
        ("MINGTANG_SECURE_COOKIES", "maybe"),
        ("MINGTANG_WORKERS", "many"),
        ("MINGTANG_COLOUR", "red"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(tmp_path, name, value):
    with pytest.raises(config.BadSetting, match=f"^{name}='{value}': "):
        read(tmp_path, **{name: value})


def test_the_refusal_of_an_unknown_setting_lists_the_known_ones(tmp_path):
    with pytest.raises(config.BadSetting, match="MINGTANG_DATABASE_URL"):
        read(tmp_path, MINGTANG_DATABSE_URL="sqlite:///x")
