//! Catching up: the list, what the held timelines lack, and telling the server what has arrived.
//!
//! Events are subscribed to before anything is fetched, and what they said since is kept.

use std::sync::Arc;

use protocol::{
    ConversationId, Seq,
    events::{ClientEvent, MarkDelivered},
};
use tokio::time::sleep;

use super::{Client, Manner, pause, sending::Answer};
use crate::{
    held::Timeline,
    http::{Failure, Page},
};

/// What there is to do for one conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Begin,
    /// The window does not reach back to what is unread.
    Extend(Seq),
    Fill(Seq),
}

impl Client {
    /// Fetches the list and whatever it shows to be missing. Asked for while it is under way, it
    /// runs once more afterwards.
    pub(super) fn resync(self: &Arc<Self>) {
        let life = {
            let mut state = self.state();
            if std::mem::replace(&mut state.resyncing, true) {
                state.resync_again = true;
                return;
            }
            state.life
        };
        let this = Arc::clone(self);
        tokio::spawn(async move { this.resync_until_current(life).await });
    }

    async fn resync_until_current(self: Arc<Self>, life: u64) {
        let mut failures = 0;
        while self.begin_resync(life) {
            let caught_up = self.catch_up(life).await;
            if caught_up.is_ok() {
                failures = 0;
                if self.end_resync(life) {
                    self.tell_reads();
                    return;
                }
            } else {
                failures += 1;
                sleep(pause(failures)).await;
            }
        }
    }

    fn begin_resync(&self, life: u64) -> bool {
        let state = self.state_in(life);
        state.is_some_and(|mut state| {
            state.resync_again = false;
            state.held.begin_list();
            true
        })
    }

    /// False when it was asked for again meanwhile.
    fn end_resync(&self, life: u64) -> bool {
        let Some(mut state) = self.state_in(life) else {
            return true;
        };
        if state.resync_again {
            return false;
        }
        state.resyncing = false;
        if state.is_connected
            && let Some(since) = state.connected_at.take()
        {
            self.world.current_after(since.elapsed());
        }
        true
    }

    async fn catch_up(self: &Arc<Self>, life: u64) -> Result<(), Failure> {
        let list = self.http.conversations(&self.cookie()).await?;
        let ids: Vec<ConversationId> = match self.state_in(life) {
            Some(mut state) => {
                state.held.list(&list);
                if self.manner == Manner::Replays {
                    state.held.begin_with_events();
                }
                state.held.timelines.keys().cloned().collect()
            }
            None => return Ok(()),
        };
        if self.manner == Manner::Replays {
            return Ok(());
        }
        for id in &ids {
            self.fill_now(life, id).await?;
            self.tell_delivered(life, id).await?;
        }
        Ok(())
    }

    /// The whole of what a stock client loads before it connects.
    pub(super) async fn load_history(self: &Arc<Self>, life: u64) {
        let mut failures = 0;
        while self.state_in(life).is_some() {
            match self.try_load_history(life).await {
                Ok(()) => return,
                Err(_) => {
                    failures += 1;
                    sleep(pause(failures)).await;
                }
            }
        }
    }

    async fn try_load_history(self: &Arc<Self>, life: u64) -> Result<(), Failure> {
        let list = self.http.conversations(&self.cookie()).await?;
        if let Some(mut state) = self.state_in(life) {
            state.held.begin_list();
            state.held.list(&list);
        }
        for conversation in &list {
            self.fill_now(life, &conversation.id).await?;
        }
        Ok(())
    }

    /// Closes a timeline's gaps beside whatever else goes on.
    pub(super) fn fill(self: &Arc<Self>, id: &ConversationId) {
        if self.manner == Manner::Replays {
            return;
        }
        let (this, id) = (Arc::clone(self), id.clone());
        let life = {
            let mut state = self.state();
            if !state.filling.insert(id.clone()) {
                return;
            }
            state.life
        };
        tokio::spawn(async move {
            let filled = this.fill_now(life, &id).await;
            if !this.is_filled(life, &id) || filled.is_err() {
                sleep(pause(1)).await;
                this.resync();
            }
        });
    }

    /// Something may have come between the last look and this one.
    fn is_filled(&self, life: u64, id: &ConversationId) -> bool {
        let Some(mut state) = self.state_in(life) else {
            return true;
        };
        state.filling.remove(id);
        let timeline = state.held.timelines.get(id);
        !self.world.rules.fills_gaps || timeline.is_none_or(Timeline::is_complete)
    }

    /// Fetches page by page until nothing is missing.
    async fn fill_now(&self, life: u64, id: &ConversationId) -> Result<(), Failure> {
        let mut before = None;
        while let Some(step) = self.next_step(life, id) {
            // The same question twice in a row: the server does not have what seems to be missing.
            if before.replace(step) == Some(step) {
                break;
            }
            let page = match step {
                Step::Begin => Page::Newest,
                Step::Extend(first) => Page::Before(first),
                Step::Fill(end) => Page::After(end),
            };
            let messages = match self.http.messages(&self.cookie(), id, page).await {
                Ok(messages) => messages,
                // The person has left since.
                Err(Failure::NotFound) => return Ok(()),
                Err(failure) => return Err(failure),
            };
            let Some(mut state) = self.state_in(life) else {
                return Ok(());
            };
            match step {
                Step::Begin => state.held.begin_window(id, &messages),
                Step::Extend(_) => state.held.extend_window(id, &messages),
                Step::Fill(_) => {
                    for message in &messages {
                        state.held.place(message);
                    }
                }
            }
        }
        Ok(())
    }

    fn next_step(&self, life: u64, id: &ConversationId) -> Option<Step> {
        let state = self.state_in(life)?;
        let timeline = state.held.timelines.get(id)?;
        if !timeline.loaded {
            Some(Step::Begin)
        } else if timeline.first > timeline.read.next() {
            Some(Step::Extend(timeline.first))
        } else if !timeline.is_complete() && self.world.rules.fills_gaps {
            Some(Step::Fill(timeline.end()))
        } else {
            None
        }
    }

    /// Says that everything up to the end is here, where the server does not know it.
    async fn tell_delivered(&self, life: u64, id: &ConversationId) -> Result<(), Failure> {
        let end = {
            let Some(state) = self.state_in(life).filter(|state| state.is_connected) else {
                return Ok(());
            };
            let timeline = state.held.timelines.get(id);
            timeline
                .filter(|timeline| {
                    let own = timeline.positions.get(&self.person);
                    let delivered = own.map_or(Seq::ZERO, |own| own.delivered);
                    timeline.loaded && delivered < timeline.end()
                })
                .map(Timeline::end)
        };
        let Some(seq) = end else { return Ok(()) };
        let event = MarkDelivered {
            conversation_id: id.into(),
            seq,
        };
        match self.ask(&event).await {
            Answer::Done(receipt) => {
                self.confirmed(&receipt);
                Ok(())
            }
            Answer::Later => Err(Failure::Later(anyhow::anyhow!(
                "{} was not answered",
                MarkDelivered::NAME
            ))),
            // The person has left since, or the line is gone.
            Answer::Refused(_) | Answer::NoLine => Ok(()),
        }
    }
}
