"""What every page is: readable for everybody, whole without scripts, and harmless whatever jobs are called and write."""

import pytest

from web.browser import NARROW, WIDE, Browser
from web.lab import EVIL, Lab

PAGES = range(13)


@pytest.mark.parametrize("which", PAGES)
def test_axe_finds_nothing(lab: Lab, inside: Browser, which: int) -> None:
    """At both widths, in both schemes."""
    inside.open(lab.origin + lab.pages[which])
    inside.find("main")

    for width in (WIDE, NARROW):
        for scheme in ("light", "dark"):
            inside.resize(width)
            inside.scheme(scheme)
            assert inside.findings() == [], (lab.pages[which], width, scheme)
    assert inside.run("return document.documentElement.scrollWidth") <= NARROW


def test_axe_finds_nothing_before_the_login(lab: Lab, browser: Browser) -> None:
    browser.open(f"{lab.origin}/login/wrong")

    for scheme in ("light", "dark"):
        browser.scheme(scheme)
        assert browser.findings() == []


def test_all_pages_are_tried(lab: Lab) -> None:
    assert len(lab.pages) == len(PAGES)


def test_no_page_breaks_its_own_rules(lab: Lab, inside: Browser) -> None:
    """Nothing is refused by the policy, nothing is missing, no script fails."""
    for page in lab.pages:
        inside.open(lab.origin + page)
        inside.find("main")
    said = [each for each in inside.complaints() if "404 (Not Found)" not in each]

    assert said == []


def test_every_page_is_whole_without_scripts(lab: Lab, inside: Browser) -> None:
    with inside.without_scripts():
        for page in lab.pages[:-1]:
            inside.open(lab.origin + page)
            assert inside.find("main h1")
            assert inside.all("main section")


def test_text_of_strangers_is_text(lab: Lab, inside: Browser) -> None:
    """Arguments, variables and outputs are whatever somebody likes."""
    for page in (f"/jobs/{lab.done}?env=1", f"/jobs/{lab.done}/log", "/jobs?q=" + EVIL.replace(" ", "+")):
        inside.open(lab.origin + page)
        shown = inside.text("main") + inside.run(
            "return [...document.querySelectorAll('input')].map(e => e.value).join()"
        )
        assert "<script>window.hacked=1</script>" in shown, page
        assert inside.run("return window.hacked") is None
    assert all("400 (Bad Request)" in each for each in inside.complaints())


def test_control_characters_of_a_log_do_nothing(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/jobs/{lab.done}/log")

    assert inside.sees("red", "pre").endswith("red\N{REPLACEMENT CHARACTER}")


def test_a_failed_task_is_two_steps_from_its_array(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/jobs/{lab.array}")
    assert "exit 1" in inside.text("#failed")
    inside.click("#failed td.mono a")

    inside.sees("ValueError: chain A is missing", "#log pre")
    assert inside.driver.current_url.endswith(f"/jobs/{lab.array}.3")


def test_a_row_is_a_card_on_a_telephone(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/jobs")
    assert (
        inside.run("return getComputedStyle(document.querySelector('table.stack tbody tr')).display")
        == "table-row"
    )
    inside.resize(NARROW)

    assert (
        inside.run("return getComputedStyle(document.querySelector('table.stack tbody tr')).display")
        == "flex"
    )


def test_an_address_holds_the_whole_view(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/jobs")
    inside.find("#s").send_keys("user:*")
    inside.click(".chips a[href*=held]")
    inside.until(lambda: "state=held" in inside.driver.current_url)

    assert inside.find("#jobs").text.count("clean") == 1
    assert "train" not in inside.find("#jobs").text
    assert inside.find(".chips a[aria-current]").text.startswith("‖ held")


def test_a_number_leads_to_its_job(lab: Lab, inside: Browser) -> None:
    inside.find("#q").send_keys(f"{lab.never}\n")

    inside.sees("can run nowhere: it asks 48 cpus")
    assert inside.driver.current_url.endswith(f"/jobs/{lab.never}")


@pytest.mark.parametrize("word", ["999999", "0", "fold", "1.999", "%00", "..", "1-3"])
def test_what_is_no_job_is_said_to_be_none(lab: Lab, inside: Browser, word: str) -> None:
    inside.open(f"{lab.origin}/jobs/{word}")

    assert inside.find("main")
    assert "Traceback" not in lab.web.text()
