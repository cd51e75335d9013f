//! The browser's WebSocket and fetch, and the life of the page.
//!
//! Everything happens inside the browser's callbacks: a ping is answered, and an event handed to
//! the program, before the callback returns.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use gloo_timers::callback::Timeout;
use js_sys::{ArrayBuffer, Date, Math, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    AbortController, BinaryType, Event, EventTarget, MessageEvent, Performance, VisibilityState,
    WebSocket,
};

use super::{BoxFuture, Endpoint, Transport};
use crate::client::WeakManager;
use crate::connection::{Input, LineId};
use crate::engine::Frame;
use crate::session::{RequestId, SessionInput};

/// Requests of HTTP long-polling, by the browser's fetch.
mod fetch;

/// Most requests that are remembered.
const MAX_REQUESTS: usize = 8;

pub(crate) struct Web {
    endpoint: Endpoint,
    client: WeakManager,
    clock: Clock,
    line: Option<Line>,
    /// The last requests, so that they can be given up.
    requests: Vec<(LineId, RequestId, AbortController)>,
    timer: Option<Timer>,
    /// Installed with the first line, for as long as the client lives.
    page: Vec<Subscription>,
}

impl Transport for Web {
    fn new(endpoint: Endpoint, client: WeakManager) -> Self {
        Self {
            endpoint,
            client,
            clock: Clock::start(),
            line: None,
            requests: Vec::new(),
            timer: None,
            page: Vec::new(),
        }
    }

    fn now(&mut self) -> Duration {
        self.clock.now()
    }

    fn random() -> f64 {
        Math::random()
    }

    fn spawn(future: BoxFuture<()>) -> Result<(), String> {
        wasm_bindgen_futures::spawn_local(future);
        Ok(())
    }

    fn open_websocket(&mut self, line: LineId, sid: Option<&str>) -> Result<(), String> {
        let origin = self.begin()?;
        let url = self.endpoint.websocket_url(&origin, sid)?;
        self.line = Some(Line::open(&url, line, &self.client)?);
        Ok(())
    }

    fn send_websocket(&mut self, line: LineId, frame: Frame<'static>) {
        let Some(current) = self.line.as_ref().filter(|current| current.id == line) else {
            return;
        };
        // On a socket that is closing, the browser drops the frame; the close event follows.
        let _sent = match frame {
            Frame::Text(text) => current.socket.send_with_str(&text),
            Frame::Binary(bytes) => current.socket.send_with_u8_array(&bytes),
        };
    }

    fn close_websocket(&mut self, line: LineId) {
        self.line.take_if(|current| current.id == line);
    }

    fn request(
        &mut self,
        line: LineId,
        request: RequestId,
        sid: Option<&str>,
        body: Option<String>,
    ) -> Result<(), String> {
        let origin = self.begin()?;
        let url = self.endpoint.polling_url(&origin, sid)?;
        let abort = fetch::send(&url, body.as_deref(), line, request, self.client.clone())?;
        // The one before it has ended: one of each kind is under way, and those of lines before
        // this one are only sending what was left.
        if self.requests.len() == MAX_REQUESTS {
            self.requests.remove(0);
        }
        self.requests.push((line, request, abort));
        Ok(())
    }

    fn abort(&mut self, line: LineId, request: RequestId) {
        let mut requests = self.requests.iter();
        let place = requests.position(|(id, each, _)| (*id, *each) == (line, request));
        if let Some(place) = place {
            let (_, _, abort) = self.requests.remove(place);
            abort.abort();
        }
    }

    fn set_timer(&mut self, deadline: Option<Duration>) {
        let Some(deadline) = deadline else {
            self.timer = None;
            return;
        };
        // A timer that comes too early does no harm and sets the next one. So the heartbeat, which
        // moves its deadline with each ping, costs one timer and not one for each ping.
        if self
            .timer
            .as_ref()
            .is_some_and(|timer| !timer.fired.get() && timer.deadline <= deadline)
        {
            return;
        }
        let delay = deadline.saturating_sub(self.clock.now());
        self.timer = Some(Timer::set(deadline, delay, self.client.clone()));
    }
}

impl Web {
    /// The origin to connect to. From the first time on, the life of the page is watched.
    fn begin(&mut self) -> Result<String, String> {
        if self.page.is_empty() {
            self.page = watch_page(&self.client);
        }
        match self.endpoint.origin.as_str() {
            "" => page_origin(),
            origin => Ok(origin.to_owned()),
        }
    }
}

/// One WebSocket. Dropping it closes it, and nothing more is heard from it.
struct Line {
    id: LineId,
    socket: WebSocket,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_close: Closure<dyn Fn(Event)>,
    _on_open: Closure<dyn Fn(Event)>,
}

impl Line {
    fn open(url: &str, id: LineId, client: &WeakManager) -> Result<Self, String> {
        let socket = WebSocket::new(url)
            .map_err(|_| "The address of the server is not valid here.".to_owned())?;
        socket.set_binary_type(BinaryType::Arraybuffer);

        let receiver = client.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            let frame = match data.as_string() {
                Some(text) => Frame::Text(text.into()),
                None => Frame::Binary(bytes(data).into()),
            };
            receiver.hear(id, SessionInput::WebSocketFrame(frame));
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

        let receiver = client.clone();
        let on_close = Closure::<dyn Fn(Event)>::new(move |_event: Event| {
            // A browser does not tell a script why.
            let message = "The server cannot be reached.".to_owned();
            receiver.hear(id, SessionInput::WebSocketClosed { message });
        });
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));

        let receiver = client.clone();
        let on_open = Closure::<dyn Fn(Event)>::new(move |_event: Event| {
            receiver.hear(id, SessionInput::WebSocketOpened);
        });
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));

        Ok(Self {
            id,
            socket,
            _on_message: on_message,
            _on_close: on_close,
            _on_open: on_open,
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // It fails only for a close code or a reason that is not allowed; there is none.
        let _closed = self.socket.close();
    }
}

fn bytes(data: JsValue) -> Vec<u8> {
    data.dyn_into::<ArrayBuffer>()
        .map(|buffer| Uint8Array::new(&buffer).to_vec())
        .unwrap_or_default()
}

/// A timeout of the browser, and whether it has passed.
struct Timer {
    deadline: Duration,
    fired: Rc<Cell<bool>>,
    _timeout: Timeout,
}

impl Timer {
    fn set(deadline: Duration, delay: Duration, client: WeakManager) -> Self {
        /// A longer delay than this would be taken for none.
        const MAX_DELAY: u128 = i32::MAX as u128;
        let fired = Rc::new(Cell::new(false));
        let flag = Rc::clone(&fired);
        // Whole milliseconds, and not before the deadline.
        let millis = delay.as_millis().saturating_add(1).min(MAX_DELAY) as u32;
        let timeout = Timeout::new(millis, move || {
            flag.set(true);
            client.handle(Input::Timeout);
        });
        Self {
            deadline,
            fired,
            _timeout: timeout,
        }
    }
}

/// The time since the client was made.
///
/// The monotonic clock stands still in some browsers while the device sleeps, and the other one
/// jumps when somebody sets it. So each step is the longer of the two, and never back: after a
/// sleep the heartbeat is found overdue, and at worst a changed clock costs one reconnection.
struct Clock {
    performance: Option<Performance>,
    elapsed: f64,
    last_monotonic: f64,
    last_date: f64,
}

impl Clock {
    fn start() -> Self {
        let performance = web_sys::window().and_then(|window| window.performance());
        Self {
            last_monotonic: performance.as_ref().map_or(0.0, Performance::now),
            last_date: Date::now(),
            performance,
            elapsed: 0.0,
        }
    }

    fn now(&mut self) -> Duration {
        let monotonic = self.performance.as_ref().map_or(0.0, Performance::now);
        let date = Date::now();
        let step = (monotonic - self.last_monotonic)
            .max(date - self.last_date)
            .max(0.0);
        (self.last_monotonic, self.last_date) = (monotonic, date);
        self.elapsed += step;
        Duration::from_micros((self.elapsed * 1000.0) as u64)
    }
}

/// The origin of the page, if there is one: a worker has none to give.
fn page_origin() -> Result<String, String> {
    web_sys::window()
        .and_then(|window| window.location().origin().ok())
        .ok_or_else(|| "There is no page whose origin could be used.".to_owned())
}

/// Tells the client when the network comes and goes, and when the page is looked at again.
fn watch_page(client: &WeakManager) -> Vec<Subscription> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let mut subscriptions = Vec::new();
    let mut subscribe = |target: &EventTarget, name, react: fn(&WeakManager)| {
        subscriptions.push(Subscription::new(target, name, client.clone(), react));
    };
    subscribe(&window, "online", |client| {
        client.handle(Input::ReconnectNow)
    });
    subscribe(&window, "pageshow", |client| {
        client.handle(Input::ReconnectNow)
    });
    subscribe(&window, "offline", |client| {
        client.handle(Input::NetworkLost)
    });
    if let Some(document) = window.document() {
        // A page that was frozen in the background: its timers stood still.
        subscribe(&document, "resume", |client| {
            client.handle(Input::ReconnectNow)
        });
        subscribe(&document, "visibilitychange", |client| {
            let document = web_sys::window().and_then(|window| window.document());
            if document
                .is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
            {
                client.handle(Input::ReconnectNow);
            }
        });
    }
    subscriptions
}

/// A listener on an object of the page, for as long as this lives.
struct Subscription {
    target: EventTarget,
    name: &'static str,
    callback: Closure<dyn Fn(Event)>,
}

impl Subscription {
    fn new(
        target: &EventTarget,
        name: &'static str,
        client: WeakManager,
        react: fn(&WeakManager),
    ) -> Self {
        let callback = Closure::<dyn Fn(Event)>::new(move |_event: Event| react(&client));
        // It fails only for arguments that are no listener.
        let _added =
            target.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        Self {
            target: target.clone(),
            name,
            callback,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let callback = self.callback.as_ref().unchecked_ref();
        let _removed = self
            .target
            .remove_event_listener_with_callback(self.name, callback);
    }
}
