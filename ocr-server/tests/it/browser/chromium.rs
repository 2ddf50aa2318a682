//! A Chromium of its own for each test, driven over WebDriver, that remembers what went wrong.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use ocr_testkit::requirements::Requirement;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{
    By, CapabilitiesHelper, ChromiumLikeCapabilities, DesiredCapabilities, Key, WebDriver, WebElement,
    session::handle::SessionHandle,
};

use crate::server::PATIENCE;

/// Time between two looks at something that is awaited.
const LOOK: Duration = Duration::from_millis(40);

const ARGUMENTS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",
    "--lang=en-US",
];

/// Notes on the page before any of its own scripts run: layout that moves, and policies that are broken.
/// As browsers count it, what moves within half a second of a click or a key is an answer, and so is what moves
/// while the window changes its size; all else counts.
const NOTES: &str = "
    window.notes = { shift: 0, moved: [], violations: [], resized: [] };
    const place = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(' ');
    new PerformanceObserver((list) => {
        const resized = ({ startTime }) => window.notes.resized.some(({ from, to }) => from <= startTime && startTime <= to);
        for (const entry of list.getEntries()) {
            if (entry.hadRecentInput || resized(entry)) continue;
            window.notes.shift += entry.value;
            window.notes.moved.push(...entry.sources.map(({ node, previousRect, currentRect }) =>
                `${node?.nodeName} ${node?.className} from ${place(previousRect)} to ${place(currentRect)}`));
        }
    }).observe({ type: 'layout-shift', buffered: true });
    addEventListener('securitypolicyviolation', (event) => {
        window.notes.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
";

/// A browser with one window. It ends when dropped.
pub(crate) struct Browser {
    driver: Arc<SessionHandle>,
    program: Child,
    port: u16,
    folder: TempDir,
}

impl Browser {
    /// A browser that shows `url`.
    pub(crate) async fn open(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let program = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let program = Requirement::Browser.or_end(program);
        let driver = connect(port, &folder).await;
        let browser = Self {
            driver,
            program,
            port,
            folder,
        };
        browser.resize(1280, 800).await;
        browser
            .devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": NOTES}))
            .await;
        browser.go(url).await;
        browser
    }

    /// Shows another address. A changed fragment alone does not load the page anew.
    pub(crate) async fn go(&self, url: &str) {
        self.driver.goto(url).await.unwrap();
    }

    /// Goes to a place of the page by its fragment, such as `/documents?status=failed`.
    pub(crate) async fn visit(&self, place: &str) {
        self.run(&format!("location.hash = {}", json!(place))).await;
    }

    pub(crate) async fn reload(&self) {
        self.driver.refresh().await.unwrap();
    }

    /// The size of the window's content in pixels.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.run("window.notes?.resized.push({ from: performance.now(), to: Infinity })")
            .await;
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        // Two frames later everything stands where the new size puts it, however busy the machine is.
        self.run_async(
            "const frame = () => new Promise((done) => requestAnimationFrame(done));
             await frame();
             await frame();
             const resizing = window.notes?.resized.at(-1);
             if (resizing) resizing.to = performance.now();",
        )
        .await;
    }

    /// `light` or `dark`, as the system would say.
    pub(crate) async fn colours(&self, scheme: &str) {
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// A command of the DevTools protocol.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let url = format!(
            "http://127.0.0.1:{}/session/{}/goog/cdp/execute",
            self.port,
            self.driver.session_id()
        );
        let body = json!({"cmd": command, "params": parameters});
        let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
        let mut answer: Value = answer.json().await.unwrap();
        assert!(answer["value"]["error"].is_null(), "{command}: {answer}");
        answer["value"].take()
    }

    /// How many nodes and listeners are kept once what nobody refers to has been collected.
    pub(crate) async fn size_of_page(&self) -> (u64, u64) {
        self.devtools("Performance.enable", json!({})).await;
        self.devtools("HeapProfiler.collectGarbage", json!({})).await;
        let answer = self.devtools("Performance.getMetrics", json!({})).await;
        let metric = |name: &str| {
            let all = answer["metrics"].as_array().unwrap();
            let found = all.iter().find(|metric| metric["name"] == name).unwrap();
            found["value"].as_u64().unwrap()
        };
        (metric("Nodes"), metric("JSEventListeners"))
    }

    /// Moves a finger over the page, from one point to another.
    pub(crate) async fn swipe(&self, from: (u32, u32), to: (u32, u32)) {
        let touch = |kind: &str, at: &[(u32, u32)]| {
            let points: Vec<Value> = at.iter().map(|(x, y)| json!({"x": x, "y": y})).collect();
            json!({"type": kind, "touchPoints": points})
        };
        let command = "Input.dispatchTouchEvent";
        self.devtools(command, touch("touchStart", &[from])).await;
        self.devtools(command, touch("touchMove", &[to])).await;
        self.devtools(command, touch("touchEnd", &[])).await;
    }

    /// Runs statements in the page; what they return is returned.
    pub(crate) async fn run(&self, script: &str) -> Value {
        let result = self.driver.execute(script, Vec::new()).await;
        result
            .unwrap_or_else(|error| panic!("{script}: {error}"))
            .json()
            .clone()
    }

    /// Runs statements that may wait; what they return is returned.
    pub(crate) async fn run_async(&self, script: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {script} }})().then((value) => done(value ?? null), (error) => done(`failed: ${{error}}`));"
        );
        let result = self.driver.execute_async(script.as_str(), Vec::new()).await;
        result
            .unwrap_or_else(|error| panic!("{script}: {error}"))
            .json()
            .clone()
    }

    /// The value of an expression.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        self.run(&format!("return {expression}")).await
    }

    /// Waits until an expression is true, and returns its value.
    pub(crate) async fn until(&self, expression: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.value(expression).await;
            if !matches!(value, Value::Null | Value::Bool(false)) && value != json!(0) && value != json!("") {
                return value;
            }
            assert!(
                Instant::now() < deadline,
                "never: {expression}\nthe page says: {}\nconsole: {:?}",
                self.value("document.body.innerText").await,
                self.problems().await
            );
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until `selector` finds an element that shows `text`.
    pub(crate) async fn shows(&self, selector: &str, text: &str) {
        let (selector, text) = (json!(selector), json!(text));
        self.until(&format!(
            "[...document.querySelectorAll({selector})].some((one) => one.checkVisibility() && one.innerText.includes({text}))"
        ))
        .await;
    }

    /// Waits until no visible element that `selector` finds shows `text`.
    pub(crate) async fn lacks(&self, selector: &str, text: &str) {
        let (selector, text) = (json!(selector), json!(text));
        self.until(&format!(
            "![...document.querySelectorAll({selector})].some((one) => one.checkVisibility() && one.innerText.includes({text}))"
        ))
        .await;
    }

    /// What the first element that `selector` finds shows.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let expression = format!("document.querySelector({})?.innerText", json!(selector));
        let found = self.value(&expression).await;
        found.as_str().unwrap_or_default().to_owned()
    }

    /// How many elements `selector` finds.
    pub(crate) async fn count(&self, selector: &str) -> u64 {
        let expression = format!("document.querySelectorAll({}).length", json!(selector));
        self.value(&expression).await.as_u64().unwrap()
    }

    /// Waits for an element.
    pub(crate) async fn find(&self, selector: &str) -> WebElement {
        self.until(&format!("document.querySelector({}) !== null", json!(selector)))
            .await;
        self.driver.find(By::Css(selector)).await.unwrap()
    }

    /// Clicks the element with the mouse, after waiting for it.
    pub(crate) async fn click(&self, selector: &str) {
        let element = self.find(selector).await;
        element.scroll_into_view().await.unwrap();
        element
            .click()
            .await
            .unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Clicks the visible button, link or menu entry that shows exactly `text` with the mouse.
    pub(crate) async fn click_text(&self, text: &str) {
        let found = format!(
            "[...document.querySelectorAll('button, a, [role=menuitem], summary')]
                .find((one) => one.checkVisibility() && one.innerText.trim() === {})",
            json!(text)
        );
        self.until(&format!("{found} !== undefined")).await;
        let script = format!("return {found}");
        let element = self.driver.execute(script.as_str(), Vec::new()).await.unwrap();
        let element = element.element().unwrap();
        element.scroll_into_view().await.unwrap();
        element
            .click()
            .await
            .unwrap_or_else(|error| panic!("{text}: {error}"));
    }

    /// Presses keys where the focus is.
    pub(crate) async fn press(&self, keys: &str) {
        self.driver
            .action_chain()
            .send_keys(keys)
            .perform()
            .await
            .unwrap();
    }

    /// Presses a key that is no character.
    pub(crate) async fn press_key(&self, key: Key) {
        self.driver.action_chain().send_keys(key).perform().await.unwrap();
    }

    /// Presses a key while Shift is held.
    pub(crate) async fn press_with_shift(&self, key: Key) {
        let chain = self.driver.action_chain().key_down(Key::Shift).send_keys(key);
        chain.key_up(Key::Shift).perform().await.unwrap();
    }

    /// Presses a letter while Control is held, and Shift too if asked.
    pub(crate) async fn press_with_control(&self, letter: &str, shift: bool) {
        let mut chain = self.driver.action_chain().key_down(Key::Control);
        if shift {
            chain = chain.key_down(Key::Shift);
        }
        chain = chain.send_keys(letter).key_up(Key::Control);
        if shift {
            chain = chain.key_up(Key::Shift);
        }
        chain.perform().await.unwrap();
    }

    /// Drops a file on the page, as from another window.
    pub(crate) async fn drop_file(&self, name: &str, bytes: &[u8]) {
        let script = format!(
            "const bytes = Uint8Array.from({}, (c) => c.charCodeAt(0));
             const transfer = new DataTransfer();
             transfer.items.add(new File([bytes], {}, {{ type: '' }}));
             for (const type of ['dragenter', 'dragover', 'drop']) {{
                 document.querySelector('main').dispatchEvent(
                     new DragEvent(type, {{ dataTransfer: transfer, bubbles: true, cancelable: true }}));
             }}",
            json!(latin1(bytes)),
            json!(name)
        );
        self.run(&script).await;
    }

    /// Chooses files in the file chooser of the page.
    pub(crate) async fn choose(&self, files: &[(&str, &[u8])]) {
        let mut paths = Vec::new();
        for (name, bytes) in files {
            let path = self.folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            paths.push(path.to_str().unwrap().to_owned());
        }
        let input = self.find(".intake input[type=file]").await;
        input.send_keys(paths.join("\n")).await.unwrap();
    }

    /// Waits for a file that the page saved, and returns it.
    pub(crate) async fn saved(&self, name: &str) -> Vec<u8> {
        let path = self.folder.path().join("downloads").join(name);
        let deadline = Instant::now() + PATIENCE;
        while !path.exists() {
            assert!(Instant::now() < deadline, "{name} was never saved");
            tokio::time::sleep(LOOK).await;
        }
        std::fs::read(path).unwrap()
    }

    /// A second window of the same reader.
    pub(crate) async fn second_window(
        &self,
        url: &str,
    ) -> (thirtyfour::WindowHandle, thirtyfour::WindowHandle) {
        let first = self.driver.window().await.unwrap();
        let second = self.driver.new_tab().await.unwrap();
        self.switch_to(&second).await;
        self.resize(1280, 800).await;
        self.go(url).await;
        (first, second)
    }

    pub(crate) async fn switch_to(&self, window: &thirtyfour::WindowHandle) {
        self.driver.switch_to_window(window.clone()).await.unwrap();
    }

    /// Errors and warnings of the console, and broken policies, since the page was loaded.
    pub(crate) async fn problems(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.unwrap();
        let console = log
            .into_iter()
            .filter(|entry| entry.level != "INFO" && entry.level != "DEBUG");
        let mut problems: Vec<String> = console.map(|entry| entry.message).collect();
        let violations = self.value("window.notes?.violations ?? []").await;
        problems.extend(violations.as_array().unwrap().iter().map(Value::to_string));
        problems
    }

    /// The console is clean, no policy was broken, and nothing jumped.
    pub(crate) async fn nothing_went_wrong(&self) {
        assert_eq!(self.problems().await, Vec::<String>::new());
        // Only the first window takes notes.
        let shift = self.value("window.notes?.shift ?? 0").await.as_f64().unwrap();
        let moved = self.value("window.notes?.moved ?? []").await;
        assert!(shift < 0.05, "the layout moved by {shift}: {moved}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium outlives its driver unless the session is ended first.
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.driver.session_id(),
            self.port
        );
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = stream.write_all(request.as_bytes());
            let _ = stream.read(&mut [0; 1024]);
        }
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// A session that is ended by [`Browser`], and by nothing else.
async fn connect(port: u16, folder: &TempDir) -> Arc<SessionHandle> {
    let mut wanted = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        wanted.add_arg(argument).unwrap();
    }
    let profile = folder.path().join("profile");
    wanted
        .add_arg(&format!("--user-data-dir={}", profile.display()))
        .unwrap();
    let downloads = json!({
        "download.default_directory": folder.path().join("downloads"),
        "download.prompt_for_download": false,
    });
    wanted.add_experimental_option("prefs", downloads).unwrap();
    wanted
        .set("goog:loggingPrefs", json!({"browser": "ALL"}))
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        match WebDriver::new(format!("http://127.0.0.1:{port}"), wanted.clone()).await {
            Ok(driver) => {
                driver.set_script_timeout(PATIENCE).await.unwrap();
                let session = driver.handle().clone();
                driver.leak().unwrap();
                return session;
            }
            Err(error) => assert!(Instant::now() < deadline, "no browser: {error}"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Bytes as characters of the same numbers.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
