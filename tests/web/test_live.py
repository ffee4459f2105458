"""A page keeps up by itself, and disturbs nobody at it."""

from selenium.webdriver.common.keys import Keys
from system.cluster import Cluster

from web.browser import Browser
from web.house import House
from web.lab import Lab, submit_array

MARK = "window.mark = 1; return document.title"
IS_SAME_PAGE = "return window.mark === 1"


def test_an_array_moves_before_ones_eyes(lab: Lab, inside: Browser) -> None:
    """Without a reload: focus, selection and what is typed stay as they are."""
    inside.open(f"{lab.origin}/jobs/{lab.sweep}")
    inside.sees("0 of 4 tasks have ended")
    inside.run(MARK)
    inside.run("document.querySelector('#failed h2').focus(); document.querySelector('#q').focus()")
    inside.press("typed")
    lab.cluster.done("release", str(lab.sweep))

    inside.sees("4 of 4 tasks have ended")
    assert inside.run(IS_SAME_PAGE)
    assert inside.run("return [document.activeElement.id, document.activeElement.value]") == ["q", "typed"]
    assert inside.complaints() == []


def test_a_selection_stays(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/jobs")
    inside.sees("assembly")
    inside.run("getSelection().selectAllChildren(document.querySelector('#jobs caption'))")
    before = inside.run("return String(getSelection())")
    job = lab.cluster.submit("--name", "newcomer", "true")
    lab.cluster.wait_for_end(job)
    inside.until(lambda: inside.text("#live") != "", "live")
    inside.run("return new Promise(done => setTimeout(done, 1500))")
    assert inside.run("return String(getSelection())") == before
    inside.run("getSelection().removeAllRanges()")

    inside.sees("newcomer", "#jobs")


def test_a_log_grows_while_it_is_read(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/jobs/{lab.runs}")
    inside.sees("begun", "#log pre")
    inside.run(MARK)
    (lab.cluster.away / "end").touch()

    inside.sees("over", "#log pre")


def test_a_waiting_job_that_starts_is_shown_with_its_log(lab: Lab, inside: Browser) -> None:
    job = lab.cluster.submit("--hold", "--name", "late", "sh", "-c", "echo spoke")
    inside.open(f"{lab.origin}/jobs/{job}")
    inside.sees("held")
    lab.cluster.done("release", str(job))

    inside.sees("spoke", "#log pre")
    inside.sees("done", "#head")


def test_the_server_goes_and_comes_back(cluster: Cluster, browser: Browser) -> None:
    """What is shown stays, and says of when it is."""
    server = cluster.start_server()
    house = House(cluster)
    browser.open(f"{house.origin}/login/{house.code()}")
    browser.open(f"{house.origin}/jobs")
    browser.sees("Nothing waits, nothing runs")
    browser.run(MARK)
    server.stop()
    browser.sees("no word from", "#live")
    assert "Nothing waits, nothing runs" in browser.text("main")
    assert house.visitor().get("/healthz").status == 503
    cluster.start_server()
    submit_array(cluster, "--name", "fold", "--array", "1-3", "true")

    browser.sees("fold", "#jobs")
    browser.sees("live", "#live")
    assert browser.run(IS_SAME_PAGE)
    assert house.visitor().get("/healthz").status == 200


def test_a_page_waits_for_a_server_that_has_never_been_there(cluster: Cluster, browser: Browser) -> None:
    """Also where there is no cluster id yet, since nobody has begun."""
    house = House(cluster)
    assert house.visitor().get("/healthz").status == 503
    browser.open(f"{house.origin}/login/{house.code()}")
    browser.sees("No server answers")
    cluster.start_server()

    browser.sees("Nothing waits, nothing runs")
    assert house.visitor().get("/healthz").status == 200


def test_the_page_that_goes_is_missed_and_asks_for_a_login_when_it_is_back(
    cluster: Cluster, browser: Browser
) -> None:
    cluster.start_server()
    house = House(cluster)
    browser.open(f"{house.origin}/login/{house.code()}")
    browser.open(f"{house.origin}/jobs")
    browser.sees("Nothing waits")
    house.web.stop()
    browser.sees("no word from goq web", "#live")
    house.open()

    browser.sees("paste the code", "body")


def test_the_keyboard_suffices(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/jobs")
    inside.press(Keys.TAB)
    assert inside.driver.switch_to.active_element.text == "To the content"
    inside.tab_to(lambda focused: focused.text == str(lab.never))
    inside.press(Keys.ENTER)
    inside.sees("can run nowhere")
    inside.tab_to(lambda focused: focused.text.startswith("Kill"))
    inside.press(Keys.ENTER)
    inside.sees(f"Kill {lab.never} assembly")
    inside.tab_to(lambda focused: focused.text == "No, back")
    inside.press(Keys.ENTER)
    inside.sees("can run nowhere")
    inside.press("/")
    assert inside.driver.switch_to.active_element.get_attribute("id") == "q"
    inside.run("document.activeElement.blur()")
    inside.press("?")
    assert inside.find("dialog[open]").text.startswith("Keys")
    inside.press(Keys.ESCAPE)
    inside.until(lambda: not inside.all("dialog[open]"))


def test_what_has_the_focus_is_seen(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/jobs")
    inside.press(Keys.TAB, Keys.TAB)

    assert inside.run("return getComputedStyle(document.activeElement).outlineWidth") == "3px"
