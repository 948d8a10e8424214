//! A headless Chromium, driven by the `DevTools` protocol over a pipe: JSON messages, each ended by a NUL.
//!
//! The messages of all tabs share the pipe. One thread reads it and hands each message to its tab. Every wait has an end.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long the browser may take to start, and for one answer.
const PATIENCE: Duration = Duration::from_mins(1);

type Routes = Arc<Mutex<HashMap<String, Sender<Value>>>>;

/// A running browser with a profile of its own. It ends when the last test that holds it ends, however that ends; should
/// the tests be killed, it ends as its pipe closes.
pub(crate) struct Browser {
    child: Mutex<Child>,
    to: Mutex<ChildStdin>,
    /// Where messages of each session go; those of the browser itself have no session.
    routes: Routes,
    own: Mutex<Receiver<Value>>,
    next: AtomicU64,
    profile: TempDir,
}

/// What a test that panicked left is as good as before.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says something on the real standard error, which the test harness does not keep back.
pub(crate) fn say(text: &str) {
    let mut real = std::io::stderr();
    writeln!(real, "{text}").unwrap();
}

/// Says once that something is skipped.
pub(crate) fn say_once(once: &'static Once, text: &str) {
    once.call_once(|| say(text));
}

/// The program: that of `CHROMIUM`, or the first of the usual names on the path.
fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}

/// The browser that tests share while they run; none where Chromium is not found, which is said once.
pub(crate) fn browser() -> Option<Arc<Browser>> {
    static SHARED: Mutex<Weak<Browser>> = Mutex::new(Weak::new());
    static MISSING: Once = Once::new();
    let Some(program) = program() else {
        say_once(
            &MISSING,
            "skipped: the tests of pages in a browser, as there is no Chromium (CHROMIUM names one)",
        );
        return None;
    };
    let mut shared = lock(&SHARED);
    if let Some(running) = shared.upgrade() {
        return Some(running);
    }
    let started = Arc::new(Browser::start(&program));
    *shared = Arc::downgrade(&started);
    Some(started)
}

impl Browser {
    fn start(program: &Path) -> Browser {
        let profile = tempfile::tempdir().unwrap();
        let said = std::fs::File::create(profile.path().join("said.txt")).unwrap();
        // The protocol is spoken on the descriptors 3 and 4, which only a shell can set without unsafe code.
        let mut child = Command::new("sh")
            .args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#])
            .arg(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--remote-debugging-pipe",
                "--no-first-run",
                "--no-default-browser-check",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-extensions",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-breakpad",
                "--force-color-profile=srgb",
                "--lang=en-GB",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .expect("a shell starts");
        let to = child.stdin.take().unwrap();
        let from = child.stdout.take().unwrap();
        let routes = Routes::default();
        let (sender, own) = channel();
        lock(&routes).insert(String::new(), sender);
        let known = Arc::clone(&routes);
        std::thread::spawn(move || deliver(BufReader::new(from), &known));
        let browser = Browser {
            child: Mutex::new(child),
            to: Mutex::new(to),
            routes,
            own: Mutex::new(own),
            next: AtomicU64::new(1),
            profile,
        };
        browser.call("Browser.getVersion", &json!({}));
        browser
    }

    /// Sends a command; gives its number.
    fn send(&self, session: &str, method: &str, params: &Value) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !session.is_empty() {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        if let Err(error) = lock(&self.to).write_all(&bytes) {
            panic!(
                "{method}: the browser does not listen: {error}\n{}",
                self.said()
            );
        }
        id
    }

    /// What the browser wrote to its standard error last.
    fn said(&self) -> String {
        let text = std::fs::read(self.profile.path().join("said.txt")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// The next message, or a failure when none comes in time.
    fn next(&self, from: &Receiver<Value>, until: Instant, what: &str) -> Value {
        match from.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => panic!("no answer in time: {what}"),
            Err(RecvTimeoutError::Disconnected) => {
                panic!("the browser ended: {what}\n{}", self.said())
            }
        }
    }

    /// A command to the browser itself.
    pub(crate) fn call(&self, method: &str, params: &Value) -> Value {
        let own = lock(&self.own);
        let id = self.send("", method, params);
        let until = Instant::now() + PATIENCE;
        loop {
            let message = self.next(&own, until, method);
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
        }
    }
}

/// Hands messages on until the pipe closes. Then nobody waits any longer.
fn deliver(mut from: impl BufRead, routes: &Mutex<HashMap<String, Sender<Value>>>) {
    let mut bytes = Vec::new();
    while let Ok(read) = from.read_until(0, &mut bytes)
        && read > 0
    {
        bytes.pop();
        if let Ok(message) = serde_json::from_slice::<Value>(&bytes) {
            let session = message["sessionId"].as_str().unwrap_or_default();
            if let Some(to) = lock(routes).get(session) {
                // A tab that is gone needs no messages.
                to.send(message).unwrap_or_default();
            }
        }
        bytes.clear();
    }
    lock(routes).clear();
}

impl Drop for Browser {
    fn drop(&mut self) {
        let mut child = lock(&self.child);
        // Asked to close, it ends its helpers too. A dead browser cannot be asked.
        let asked = lock(&self.to).write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let until = Instant::now() + Duration::from_secs(if asked.is_ok() { 5 } else { 0 });
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap_or_default();
        child.wait().map(|_| ()).unwrap_or_default();
    }
}

/// A tab in a context of its own: no cookies, permissions or storage of another test.
pub(crate) struct Tab {
    browser: Arc<Browser>,
    context: String,
    session: String,
    from: Receiver<Value>,
    events: Vec<Value>,
    runs_scripts: bool,
}

impl Tab {
    pub(crate) fn new(browser: &Arc<Browser>) -> Tab {
        let text = |value: &Value| value.as_str().expect("an id").to_owned();
        let context = browser.call("Target.createBrowserContext", &json!({}));
        let context = text(&context["browserContextId"]);
        let target = browser.call(
            "Target.createTarget",
            &json!({ "url": "about:blank", "browserContextId": context }),
        );
        let attached = browser.call(
            "Target.attachToTarget",
            &json!({ "targetId": target["targetId"], "flatten": true }),
        );
        let session = text(&attached["sessionId"]);
        let (sender, from) = channel();
        lock(&browser.routes).insert(session.clone(), sender);
        let mut tab = Tab {
            browser: Arc::clone(browser),
            context,
            session,
            from,
            events: Vec::new(),
            runs_scripts: true,
        };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.call(&format!("{domain}.enable"), &json!({}));
        }
        tab.call(
            "Page.setLifecycleEventsEnabled",
            &json!({ "enabled": true }),
        );
        // Tabs of other tests run beside it, yet it draws and has the focus.
        tab.call(
            "Emulation.setFocusEmulationEnabled",
            &json!({ "enabled": true }),
        );
        tab
    }

    /// A command; the test fails when the browser refuses it.
    pub(crate) fn call(&mut self, method: &str, params: &Value) -> Value {
        let id = self.browser.send(&self.session, method, params);
        let until = Instant::now() + PATIENCE * 2;
        loop {
            let message = self.browser.next(&self.from, until, method);
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    /// Grants the pages of this tab something, such as `clipboardReadWrite`.
    pub(crate) fn grant(&mut self, permissions: &[&str]) {
        self.browser.call(
            "Browser.grantPermissions",
            &json!({ "permissions": permissions, "browserContextId": self.context }),
        );
    }

    /// Goes to an address and waits until it is loaded.
    fn go(&mut self, url: &str) {
        let done = self.call("Page.navigate", &json!({ "url": url }));
        assert!(done["errorText"].is_null(), "{url}: {}", done["errorText"]);
        let loaded = |event: &Value| {
            let params = &event["params"];
            params["name"] == "load" && params["loaderId"] == done["loaderId"]
        };
        let until = Instant::now() + PATIENCE;
        while !self.events.iter().any(loaded) {
            let message = self.browser.next(&self.from, until, url);
            self.events.push(message);
        }
    }

    /// Opens a file, with a `#part` of it or without; waits until it is loaded and drawn. Events of before are forgotten.
    pub(crate) fn open(&mut self, file: &Path, part: &str) {
        // Another part of the same file would be no load.
        self.go("about:blank");
        self.events.clear();
        self.go(&format!("{}{part}", url(file)));
        self.frames();
    }

    /// Waits until two frames are drawn. Where no script runs, a picture is taken, which needs a frame.
    pub(crate) fn frames(&mut self) {
        if !self.runs_scripts {
            let clip = json!({ "x": 0, "y": 0, "width": 1, "height": 1, "scale": 1 });
            self.call("Page.captureScreenshot", &json!({ "clip": clip }));
            return;
        }
        self.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))");
    }

    /// The value of an expression, or of what it promises.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let answer = self.call(
            "Runtime.evaluate",
            &json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true }),
        );
        let fault = &answer["exceptionDetails"];
        assert!(fault.is_null(), "{expression}: {fault:#}");
        answer["result"]["value"].clone()
    }

    /// What a function of JavaScript gives for these values.
    pub(crate) fn apply(&mut self, function: &str, values: &Value) -> Value {
        self.eval(&format!("({function})(...{values})"))
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub(crate) fn until(&mut self, expression: &str) {
        let end = Instant::now() + Duration::from_secs(5);
        while self.eval(&format!("!!({expression})")) != json!(true) {
            assert!(Instant::now() < end, "never true: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What was written to the console, thrown, or asked of the net since the file was opened, but for the file itself.
    pub(crate) fn complaints(&mut self, file: &Path) -> Vec<String> {
        // The answer comes behind all events of before.
        self.frames();
        let own = url(file);
        let mut found = Vec::new();
        for event in &self.events {
            let params = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Log.entryAdded" => found.push(format!("log: {}", params["entry"]["text"])),
                "Runtime.consoleAPICalled" => found.push(format!("console: {}", params["args"])),
                "Runtime.exceptionThrown" => {
                    found.push(format!("exception: {}", params["exceptionDetails"]));
                }
                "Network.requestWillBeSent" => {
                    let asked = params["request"]["url"].as_str().unwrap_or_default();
                    if asked != own {
                        found.push(format!("request: {asked}"));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Media features and type, such as `[("prefers-color-scheme", "dark")]` and `print`; all others as the browser has them.
    pub(crate) fn media(&mut self, kind: &str, features: &[(&str, &str)]) {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({ "media": kind, "features": features }),
        );
        self.frames();
    }

    /// The size of the window, in CSS pixels.
    pub(crate) fn size(&mut self, width: u32, height: u32) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    /// Whether pages opened from here on may run scripts.
    pub(crate) fn scripts(&mut self, may_run: bool) {
        self.call(
            "Emulation.setScriptExecutionDisabled",
            &json!({ "value": !may_run }),
        );
        self.runs_scripts = may_run;
    }

    /// Presses the mouse button on the middle of an element, which is scrolled into view. The element is an expression.
    #[track_caller]
    pub(crate) fn click(&mut self, element: &str) {
        let at = self.eval(&format!(
            "(() => {{ const e = {element}; if (!e) return null; e.scrollIntoView({{ block: 'center', inline: 'nearest', behavior: 'instant' }}); \
             const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2, b.width * b.height] }})()"
        ));
        assert!(at.is_array(), "nothing is {element}");
        assert!(at[2].as_f64() > Some(0.0), "not to be seen: {element}");
        for kind in ["mousePressed", "mouseReleased"] {
            self.call(
                "Input.dispatchMouseEvent",
                &json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 }),
            );
        }
        self.frames();
    }

    /// Presses a key, such as `Escape`; one that writes a character has that as its name.
    pub(crate) fn key(&mut self, key: &str) {
        let text = match key {
            "Enter" => "\r",
            _ if key.chars().count() == 1 => key,
            _ => "",
        };
        let code = match key {
            "Escape" => 27,
            "Enter" => 13,
            "Tab" => 9,
            "/" => 191,
            _ => 0,
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            self.call(
                "Input.dispatchKeyEvent",
                &json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code }),
            );
        }
        self.frames();
    }

    /// Writes a text where the cursor stands.
    pub(crate) fn write(&mut self, text: &str) {
        self.call("Input.insertText", &json!({ "text": text }));
        self.frames();
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        lock(&self.browser.routes).remove(&self.session);
        // Without waiting: the test may be ending because nothing answers.
        let id = json!({ "browserContextId": self.context });
        let message = json!({ "id": 0, "method": "Target.disposeBrowserContext", "params": id });
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        lock(&self.browser.to).write_all(&bytes).unwrap_or_default();
    }
}

/// The address of a file.
pub(crate) fn url(file: &Path) -> String {
    let text = file.to_str().expect("a path in UTF-8");
    let mut url = String::from("file://");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}
