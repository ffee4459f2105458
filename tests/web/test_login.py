"""Logging in, as somebody does who sits before a browser."""

from web.browser import Browser
from web.house import House


def test_the_printed_link_logs_in(house: House, browser: Browser) -> None:
    browser.open(house.link())

    browser.sees("Overview", "nav")
    assert browser.driver.current_url == f"{house.origin}/"
    assert browser.complaints() == []


def test_a_code_is_pasted_and_leads_to_the_page_that_was_wanted(house: House, browser: Browser) -> None:
    browser.open(f"{house.origin}/jobs?q=nobody")
    browser.find("#code").send_keys(house.code())
    browser.click("button")

    browser.until(lambda: browser.driver.current_url.endswith("/jobs?q=nobody"))
    assert browser.complaints() == []


def test_a_wrong_code_is_said_to_be_wrong(house: House, browser: Browser) -> None:
    browser.open(house.origin)
    browser.find("#code").send_keys("guess")
    browser.click("button")

    browser.sees("That code is not good")


def test_who_logs_out_is_led_to_the_login(house: House, browser: Browser) -> None:
    browser.open(house.link())
    browser.click("footer button")

    browser.sees("paste the code")
    browser.open(house.origin)
    browser.sees("paste the code")


def test_scripts_cannot_see_the_cookie(house: House, browser: Browser) -> None:
    browser.open(house.link())
    browser.sees("Overview", "nav")

    assert browser.run("return document.cookie") == ""
