//! Pages of history, and which conversation is open.

use protocol::{ConversationId, Seq};

use super::Service;
use crate::{
    api::{self, ApiError},
    reactive::{ArcObservable, spawn},
    state::{
        recipient::Recipient,
        timeline::{Loading, Request, Timeline},
    },
};

impl Service {
    /// A conversation is on the screen. Fetches what it lacks; called again when more is known.
    pub(super) fn open_conversation(&'static self, recipient: Recipient) {
        self.open.replace(Some(recipient.clone()));
        let timeline = self.hold(&recipient);
        let entry = self.state.conversations.with_untracked(|list| {
            let entry = list.get(&recipient);
            entry.map(|entry| (entry.unread(), entry.read_seq()))
        });
        let state = timeline.with_untracked(Timeline::loading);
        match entry {
            Some((unread, read_seq)) => {
                if unread > 0 {
                    timeline.update(|timeline| timeline.draw_new_line(read_seq));
                }
                let is_empty = timeline.with_untracked(|it| it.messages().is_empty());
                match state {
                    Loading::NotYet => self.begin_window(&recipient, &timeline, unread),
                    Loading::Failed if is_empty => {
                        self.begin_window(&recipient, &timeline, unread);
                    }
                    _ => self.fill(&recipient),
                }
            }
            None => {
                let is_known = self
                    .state
                    .conversations
                    .with_untracked(|list| list.is_loaded());
                if is_known && state == Loading::NotYet {
                    timeline.set(Timeline::begun_here());
                }
            }
        }
    }

    pub(super) fn leave_conversation(&self, recipient: &Recipient) {
        if self.open.borrow().as_ref() == Some(recipient) {
            self.open.take();
        }
        let at_end = self
            .state
            .places
            .with_value(|places| places.is_at_end(recipient));
        if let Some(timeline) = self.state.timelines.with_value(|held| held.get(recipient)) {
            timeline.update(|timeline| timeline.leave(at_end));
        }
    }

    pub(super) fn load_older(&'static self, recipient: &Recipient) {
        self.ask(recipient, Timeline::ask_older);
    }

    pub(super) fn load_newer(&'static self, recipient: &Recipient) {
        self.ask(recipient, Timeline::ask_newer);
    }

    /// Leaves the window that was scrolled to, for one that ends with the newest message.
    pub(super) fn load_newest(&'static self, recipient: &Recipient) {
        self.ask(recipient, |timeline| {
            timeline.has_newer().then(|| timeline.ask_newest(0))
        });
    }

    /// Closes the gaps of a timeline that is held, if there are any.
    pub(super) fn fill(&'static self, recipient: &Recipient) {
        let recipient = recipient.clone();
        if self.next_missing(&recipient).is_some() {
            spawn(async move { self.fill_now(&recipient).await });
        }
    }

    /// Closes gaps page by page; too large a one begins the window anew.
    pub(super) async fn fill_now(&'static self, recipient: &Recipient) {
        let mut before = None;
        while let Some((timeline, id, request)) = self.next_missing(recipient) {
            // The same question twice in a row: the server does not have what seems to be missing.
            if before == Some(request) || !self.load(timeline, &id, request).await {
                break;
            }
            before = Some(request);
        }
    }

    /// Makes sure that the newest page of a conversation is here; false when it could not be had.
    pub(super) async fn fetch_newest(&'static self, recipient: &Recipient) -> bool {
        let timeline = self.hold(recipient);
        if timeline.with_untracked(Timeline::is_loaded) {
            self.fill_now(recipient).await;
            return true;
        }
        let Some((id, _)) = self.id_and_end(recipient) else {
            return false;
        };
        let request = timeline.update(|timeline| timeline.ask_newest(0));
        self.load(timeline, &id, request).await
    }

    fn next_missing(
        &self,
        recipient: &Recipient,
    ) -> Option<(ArcObservable<Timeline>, ConversationId, Request)> {
        let timeline = self
            .state
            .timelines
            .with_value(|held| held.get(recipient))?;
        let (id, end) = self.id_and_end(recipient)?;
        if timeline.with_untracked(|timeline| timeline.is_too_far_behind(end)) {
            let request = timeline.update(|timeline| timeline.ask_newest(0));
            return Some((timeline, id, request));
        }
        let request = timeline.with_untracked(|timeline| timeline.ask_missing(end))?;
        Some((timeline, id, request))
    }

    fn begin_window(
        &'static self,
        recipient: &Recipient,
        timeline: &ArcObservable<Timeline>,
        unread: u64,
    ) {
        if let Some((id, _)) = self.id_and_end(recipient) {
            let request = timeline.update(|timeline| timeline.ask_newest(unread));
            self.load_beside(timeline.clone(), id, request);
        }
    }

    fn ask(
        &'static self,
        recipient: &Recipient,
        question: impl FnOnce(&mut Timeline) -> Option<Request>,
    ) {
        let Some(timeline) = self.state.timelines.with_value(|held| held.get(recipient)) else {
            return;
        };
        let Some((id, _)) = self.id_and_end(recipient) else {
            return;
        };
        let request = timeline.maybe_update(|timeline| {
            let request = question(timeline);
            (request.is_some(), request)
        });
        if let Some(request) = request {
            self.load_beside(timeline, id, request);
        }
    }

    fn load_beside(
        &'static self,
        timeline: ArcObservable<Timeline>,
        id: ConversationId,
        request: Request,
    ) {
        spawn(async move {
            self.load(timeline, &id, request).await;
        });
    }

    /// Fetches one page; false when it did not come or came too late.
    async fn load(
        &'static self,
        timeline: ArcObservable<Timeline>,
        id: &ConversationId,
        request: Request,
    ) -> bool {
        match api::messages(id, request.page).await {
            Ok(page) => {
                page.iter().for_each(|message| self.settle(message));
                timeline.update(|timeline| timeline.receive_page(request, page))
            }
            Err(error) => {
                timeline.update(|timeline| timeline.miss_page(request));
                if error == ApiError::Unauthorized {
                    self.check_session();
                }
                false
            }
        }
    }

    /// The timeline of a conversation. The one on the screen is never the one that has to go.
    fn hold(&self, recipient: &Recipient) -> ArcObservable<Timeline> {
        let open = self.open.borrow();
        let mut timeline = ArcObservable::default();
        self.state.timelines.update_value(|timelines| {
            timeline = timelines.open(recipient);
            if let Some(open) = open.as_ref() {
                timelines.open(open);
            }
        });
        timeline
    }

    fn id_and_end(&self, recipient: &Recipient) -> Option<(ConversationId, Seq)> {
        self.state.conversations.with_untracked(|list| {
            let conversation = &list.get(recipient)?.conversation;
            Some((conversation.id.clone(), conversation.last_seq))
        })
    }
}
