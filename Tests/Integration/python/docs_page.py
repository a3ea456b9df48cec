"""Uses /docs in headless Chromium as a stranger would: an account, a deposit, an order, PAID.

    docs_page.py GATEWAY_URL SCREENSHOT.png [TOKEN]

Prints a line per check and exits 0 when all of them hold, 1 when one does not. With TOKEN it authorizes first.
Runs in the environment that Tests/prepare-python makes, and needs Debian's packages chromium and chromium-driver.
"""

import json
import os
import sys
import time

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

DEADLINE_SECONDS = 60


def open_browser():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in [
        "--headless=new",
        "--window-size=1280,1600",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
        # Whatever the page might ask of another host cannot even be looked up.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]:
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(
        options=options, service=webdriver.ChromeService(executable_path="/usr/bin/chromedriver")
    )


class Page:
    """Swagger UI, by what a reader sees of it: operations, fields, buttons."""

    def __init__(self, browser):
        self.browser = browser
        self.wait = WebDriverWait(browser, DEADLINE_SECONDS, poll_frequency=0.1)

    def find(self, css, root=None):
        return self.wait.until(lambda _: (root or self.browser).find_elements(By.CSS_SELECTOR, css))[0]

    def click(self, css, root=None):
        element = self.find(css, root)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def type(self, element, text):
        """Replaces what stands in a field, key by key."""
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.send_keys(Keys.CONTROL, "a")
        element.send_keys(text)

    def authorize(self, token):
        self.click(".btn.authorize")
        self.type(self.find(".auth-container input"), token)
        self.click(".auth-btn-wrapper .authorize")
        self.click(".auth-btn-wrapper .btn-done")

    def try_out(self, operation, parameters=(), body=None):
        """Fills an operation's form, presses Execute, and gives the answer that is then shown."""
        block = self.find(f"[id='operations-{operation}']")
        if "is-open" not in block.get_attribute("class"):
            self.click(".opblock-summary-control", block)
            self.click(".try-out__btn", block)
        for name, value in parameters:
            self.type(self.find(f"tr[data-param-name='{name}'] input", block), value)
        if body is not None:
            self.type(self.find("textarea.body-param__text", block), json.dumps(body))
        for clear in block.find_elements(By.CSS_SELECTOR, ".btn-clear"):
            clear.click()
        self.click(".btn.execute", block)
        status = self.find(".live-responses-table tbody .response-col_status", block).text.split()[0]
        shown = self.find(".live-responses-table tbody .highlight-code", block).text
        return int(status), shown


def check_page(page, user, checks):
    status, shown = page.try_out("Accounts-openAccount", [("user_id", user)], {"user_id": user})
    checks("POST /accounts answers 201", status == 201 and user in shown)
    status, shown = page.try_out("Accounts-deposit", [("user_id", user)], {"amount": 100.50})
    checks("POST /accounts/{user_id}/deposit answers 200, balance 100.50", status == 200 and "100.5" in shown)
    order = {"user_id": user, "amount": 42.50, "description": "A book"}
    status, shown = page.try_out("Orders-placeOrder", body=order)
    checks("POST /orders answers 201, PENDING", status == 201 and "PENDING" in shown)
    order_id = shown.split('"order_id"')[1].split('"')[1]
    deadline = time.monotonic() + DEADLINE_SECONDS
    while "PENDING" in shown and time.monotonic() < deadline:
        status, shown = page.try_out("Orders-getOrder", [("order_id", order_id)])
    checks(f"GET /orders/{order_id} shows PAID", status == 200 and '"PAID"' in shown)
    status, shown = page.try_out("Accounts-getBalance", [("user_id", user)])
    checks("GET /accounts/{user_id}/balance shows 58.00", status == 200 and "58" in shown)


def check_policy(browser, checks):
    """Does what a page that was tampered with might do; the policy must refuse it, and the console say so."""
    ran = browser.execute_async_script(
        """
        const done = arguments[0];
        const script = document.createElement("script");
        script.textContent = "window.tampered = true";
        document.head.append(script);
        fetch("http://localhost:1/").then(() => done("fetched"), () => done(window.tampered ? "ran" : "refused"));
        """
    )
    said = [entry["message"] for entry in browser.get_log("browser")]
    for directive in ["script-src", "connect-src"]:
        named = any("Content Security Policy" in each and directive in each for each in said)
        checks(f"the policy's {directive} holds", ran == "refused" and named)


def requested(browser):
    """Every address that the page asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]


def main():
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    gateway, screenshot = sys.argv[1].rstrip("/"), sys.argv[2]
    failed = []

    def checks(what, holds):
        print(f"{'ok  ' if holds else 'FAIL'} {what}", flush=True)
        if not holds:
            failed.append(what)

    browser = open_browser()
    try:
        browser.get(f"{gateway}/")
        page = Page(browser)
        page.find(".opblock")
        checks("/ shows the API's title", "Kassa" in page.find(".info .title").text)
        if len(sys.argv) == 4:
            page.authorize(sys.argv[3])
        check_page(page, f"browser-{time.time_ns()}", checks)
        block = page.find("[id='operations-Orders-getOrder']")
        browser.execute_script("arguments[0].scrollIntoView()", block)
        browser.save_screenshot(screenshot)
        addresses = requested(browser)
        outside = [each for each in addresses if not each.startswith((f"{gateway}/", "data:"))]
        checks(f"none of {len(addresses)} requests left the gateway: {outside}", not outside)
        complaints = [entry["message"] for entry in browser.get_log("browser")]
        checks(f"the console is silent: {complaints}", not complaints)
        check_policy(browser, checks)
    except Exception:
        browser.save_screenshot(screenshot)
        raise
    finally:
        browser.quit()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
