"""Whoever comes by: tries, errs, is shown the solution, plays, and reads."""

from playwright.sync_api import expect


def test_a_visitor_tries_errs_reads_the_solution_plays_and_reads_on(opens):
    visitor = opens()
    page = visitor.page
    page.goto("/?seed=1")
    visitor.sees("Learn backpropagation")
    visitor.look("visitor")
    expect(page.get_by_text("The worked solution", exact=True)).to_have_count(0)
    visitor.fill({"entry-0-0": "0.5", "entry-2-0": "x"})
    visitor.press("Check")
    visitor.sees("Nothing was graded yet.")
    expect(page.locator("#entry-0-0")).to_have_value("0.5")
    visitor.fill({"entry-2-0": ""})
    visitor.press("Check")
    visitor.sees("It began at z1")
    page.get_by_text("The worked solution", exact=True).click()
    expect(page.locator("details.solution math").first).to_be_visible()
    visitor.look("visitor-tried")
    given = page.locator(".givens").inner_text()
    visitor.press("Other numbers")
    expect(page.locator(".givens")).not_to_have_text(given)
    page.locator("header").get_by_role("link", name="Playground").click()
    loss = page.locator("#loss")
    before = loss.inner_text()
    slider = page.get_by_label("h₁ → o, slider")
    expect(slider).to_be_visible()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(loss).not_to_have_text(before)
    expect(page.locator("#W2-0")).to_have_value("0.8")
    foretold = page.locator("#loss-after").inner_text()
    visitor.press("Take one step")
    expect(loss).to_have_text(foretold)
    page.locator(".wide-form .weights.W2 text").first.click()
    visitor.sees("How dW2 comes about")
    visitor.look("playground")
    page.locator("header").get_by_role("link", name="Guides").click()
    page.get_by_label("Search all guides").fill("late penalty")
    visitor.press("Search")
    page.locator("main a[href^='/guides/course#']").first.click()
    visitor.sees("late")
    visitor.look("guide")
    assert visitor.errors == []


def test_what_the_server_refuses_is_said_above_what_was_shown(opens):
    visitor = opens()
    page = visitor.page
    page.goto("/playground")
    refusal = "<main><h1>Too Many Requests</h1><p class='note'>too many requests</p></main>"
    page.route("**/playground?*", lambda route: route.fulfill(status=429, body=refusal))
    visitor.fill({"W2-0": "1"})
    expect(page.locator("#shown > .note")).to_have_text("too many requests")
    expect(page.locator("#loss")).to_be_visible()
    page.unroute("**/playground?*")
    visitor.fill({"W2-0": "2"})
    expect(page.locator("#shown > .note")).to_have_count(0)


def test_beside_the_last_slider_the_loss_is_still_in_view(opens):
    visitor = opens()
    page = visitor.page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/playground")
    page.get_by_label("Learning rate, slider").focus()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.locator(".drawing:visible")).to_be_in_viewport()
    # It is in view under the drawing, too, but not where one points at it.
    assert page.locator("#loss").evaluate(
        "loss => { const at = loss.getBoundingClientRect();"
        " return document.elementFromPoint(at.x + 1, at.y + 1) === loss; }"
    )


def test_no_slider_is_shown_before_the_script_that_it_needs(opens):
    visitor = opens()
    page = visitor.page
    page.route("**/playground*.js*", lambda route: route.abort())
    page.goto("/playground")
    expect(page.get_by_text("Or point at a part of the drawing.")).to_be_visible()
    expect(page.locator("input[type=range]").first).to_be_hidden()


def test_a_visitor_without_scripts_tries_and_plays(opens):
    visitor = opens(scripts=False)
    page = visitor.page
    page.goto("/?seed=1")
    visitor.fill({"entry-0-0": "0.5"})
    visitor.press("Check")
    visitor.sees("It began at z1")
    page.goto("/playground")
    expect(page.locator("input[type=range]").first).to_be_hidden()
    before = page.locator("#loss").inner_text()
    visitor.fill({"W2-0": "-1"})
    page.get_by_label("Show the formula of").select_option("delta2")
    visitor.press("Show")
    visitor.sees("How delta2 comes about")
    expect(page.locator("#loss")).not_to_have_text(before)
    foretold = page.locator("#loss-after").inner_text()
    visitor.press("Take one step")
    expect(page.locator("#loss")).to_have_text(foretold)
