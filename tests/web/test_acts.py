"""What is done from a page: asked for first where it does harm, and done as its command does it."""

from system.cluster import Cluster

from web.browser import Browser
from web.house import House
from web.lab import Lab, submit_array


def test_a_kill_asks_first(lab: Lab, inside: Browser) -> None:
    victims = submit_array(lab.cluster, "--name", "victims", "--array", "1-5", "--hold", "true")
    inside.open(f"{lab.origin}/jobs/{victims}")
    inside.click("a.stop")
    assert inside.sees(f"Kill {victims} victims: 5 held?")
    assert "5 waiting" not in lab.cluster.done("stat", "0")
    inside.click("main button.stop")

    inside.sees("5 will not run")
    inside.sees("cancelled", "#head")


def test_who_says_no_kills_nobody(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/ask?do=kill&to={lab.held}")
    inside.click("main .acts a")

    inside.sees("held", "#head")


def test_without_scripts_it_is_done_too(lab: Lab, inside: Browser) -> None:
    job = lab.cluster.submit("--name", "quiet", "--hold", "true")
    with inside.without_scripts():
        inside.open(f"{lab.origin}/jobs/{job}")
        inside.click("main form button")
        inside.sees("1 released")


def test_what_failed_is_submitted_again_with_more_memory(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/jobs/{lab.array}")
    inside.click("a.go")
    inside.find("#field-mem").send_keys("128M")
    inside.click("main button.go")

    inside.sees("1 submitted again")
    inside.sees("128 MiB", "#submitted")


def test_a_job_is_altered(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/ask?do=alter&to={lab.held}")
    inside.find("#field-cpus").send_keys("3")
    inside.click("main button.go")

    inside.sees("3 cpus", "#submitted")


def test_nonsense_changes_nothing(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/ask?do=alter&to={lab.held}")
    inside.find("#field-mem").send_keys("3X")
    inside.click("main button.go")

    inside.sees("'3X' is no size")


def test_a_machine_is_drained_and_given_jobs_again(lab: Lab, inside: Browser) -> None:
    inside.open(f"{lab.origin}/workers/{lab.host}")
    inside.click("#acts a")
    inside.find("#field-why").send_keys("disk swap")
    inside.click("main button")
    inside.sees("disk swap", "#lead")
    inside.click("#acts button")

    inside.sees("gets jobs again")
    inside.sees("ready", "#lead")


def test_a_page_for_looking_cannot_act(cluster: Cluster) -> None:
    cluster.start_server()
    house = House(cluster, "--view")
    job = cluster.submit("--hold", "true")
    visitor = house.visitor()
    page = visitor.get(f"/jobs/{job}").text

    assert "Kill" not in page
    assert "may look only" in page
    assert visitor.get(f"/ask?do=kill&to={job}").status == 400
    assert visitor.post("/act", {"token": visitor.token(), "do": "kill", "to": str(job)}).status == 403
    assert "cancelledJobCount=0" in cluster.done("stat", "0")
    assert visitor.post("/logout", {"token": visitor.token()}).status == 303


def test_an_act_needs_its_token_and_our_page(lab: Lab) -> None:
    visitor = lab.visitor()
    what = {"do": "kill", "to": str(lab.held)}

    assert visitor.post("/act", what).status == 403
    assert visitor.post("/act", {**what, "token": visitor.token()}, Origin="http://127.0.0.1:1").status == 403
    assert visitor.get(f"/act?do=kill&to={lab.held}").status == 404
    assert "held" in visitor.get(f"/jobs/{lab.held}").text
