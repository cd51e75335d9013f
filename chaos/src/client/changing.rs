//! Groups that change: who comes, who goes, and their names.
//!
//! Each change is asked for once. What came of it shows in the end, for everybody alike.

use std::sync::Arc;

use protocol::{
    Conversation, ConversationId, ConversationKind, ErrorBody, Username,
    events::{AddMembers, ClientEvent, LeaveGroup, RemoveMembers, RenameGroup},
};

use super::{Client, sending::Answer};
use crate::{audit::Kind, ledger::Membership, random::Random};

impl Client {
    /// Changes one of the groups that are shown here.
    pub(super) fn change_group(self: &Arc<Self>, random: &mut Random) {
        let groups: Vec<(ConversationId, String, Vec<Username>)> = self
            .state()
            .held
            .timelines
            .iter()
            .filter(|(_, timeline)| timeline.kind == ConversationKind::Group)
            .map(|(id, timeline)| (id.clone(), timeline.name.clone(), timeline.members.clone()))
            .collect();
        let Some((id, name, members)) = random.pick(&groups).cloned() else {
            return;
        };
        let maker = {
            let ledger = self.world.ledger();
            let mut attempts = ledger.groups.values();
            let made = attempts.find(|attempt| attempt.acknowledged.as_ref() == Some(&id));
            made.map(|attempt| attempt.maker.clone())
        };
        let Some(maker) = maker else { return };
        let others: Vec<Username> = members.into_iter().filter(|it| *it != maker).collect();
        match random.below(10) {
            0..5 => self.add_somebody(id, random),
            5..7 if maker != self.person && others.len() > 1 => self.leave_group(id),
            5..8 if maker == self.person && others.len() > 1 => {
                if let Some(other) = random.pick(&others).cloned() {
                    self.remove(id, other);
                }
            }
            _ => self.rename(id, &name, random),
        }
    }

    fn add_somebody(self: &Arc<Self>, group: ConversationId, random: &mut Random) {
        let Some(person) = random.pick(&self.world.people).cloned() else {
            return;
        };
        let event = AddMembers {
            group_id: (&group).into(),
            members: vec![person.to_string()],
        };
        self.about(&group, &person, |membership| {
            membership.may_have_joined = true
        });
        self.change(event, group.clone(), move |this, shown: &Conversation| {
            if shown.members.contains(&person) {
                this.about(&group, &person, |membership| membership.joined = true);
            }
        });
    }

    fn remove(self: &Arc<Self>, group: ConversationId, person: Username) {
        let event = RemoveMembers {
            group_id: (&group).into(),
            members: vec![person.to_string()],
        };
        self.about(&group, &person, |membership| {
            membership.may_have_left = true
        });
        self.change(event, group.clone(), move |this, _| {
            this.about(&group, &person, |membership| membership.left = true);
        });
    }

    fn leave_group(self: &Arc<Self>, group: ConversationId) {
        let event = LeaveGroup {
            group_id: (&group).into(),
        };
        let person = self.person.clone();
        self.about(&group, &person, |membership| {
            membership.may_have_left = true
        });
        self.change(event, group.clone(), move |this, _| {
            this.about(&group, &person, |membership| membership.left = true);
        });
    }

    /// The name that it was made with stays recognisable.
    fn rename(self: &Arc<Self>, group: ConversationId, name: &str, random: &mut Random) {
        let first = name.split(" (").next().unwrap_or_default();
        // A group of which only a message was heard so far has none here yet.
        if first.is_empty() {
            return;
        }
        let event = RenameGroup {
            group_id: (&group).into(),
            name: format!("{first} ({})", random.below(1_000)),
        };
        self.change(event, group, |_, _| {});
    }

    fn about(&self, group: &ConversationId, person: &Username, note: impl FnOnce(&mut Membership)) {
        note(self.world.ledger().membership(group, person));
    }

    fn change<E>(
        self: &Arc<Self>,
        event: E,
        group: ConversationId,
        done: impl FnOnce(&Self, &E::Response) + Send + 'static,
    ) where
        E: ClientEvent + Send + Sync + 'static,
        E::Response: Send,
    {
        let this = Arc::clone(self);
        tokio::spawn(async move {
            match this.ask(&event).await {
                Answer::Done(response) => done(&this, &response),
                Answer::Refused(error) => this.change_refused(E::NAME, &group, &error),
                Answer::Later | Answer::NoLine => {}
            }
        });
    }

    /// Only somebody who may be in the group no more may be refused.
    fn change_refused(&self, event: &str, group: &ConversationId, error: &ErrorBody) {
        let mut ledger = self.world.ledger();
        if !ledger.explains(error.code, group, &self.person) {
            let what = format!("{} was refused {event} for {group}: {error:?}", self.name);
            ledger.observe(Kind::Protocol, what);
        }
    }
}
