//! Everyone there is to write to, and who of them is online.

use protocol::{
    Timestamp, User, Username,
    events::{PresenceChanged, UserChanged},
};

use super::search::folded;

/// The people, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    people: Vec<Person>,
    /// Counts snapshots asked for, and stamps what came by event in between.
    revision: u64,
    /// The newest snapshot that was taken over.
    applied: u64,
    /// Who has left for good, and at which revision; forgotten with the next newer snapshot.
    gone: Vec<(Username, u64)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Person {
    user: User,
    /// The revision at which an event last told of them.
    told_at: u64,
    /// An event has told more than presence since then, and knows better than a snapshot.
    is_changed: bool,
    /// The name as it is sorted by.
    folded_name: String,
}

impl Person {
    fn new(user: User, told_at: u64) -> Self {
        Self {
            folded_name: folded(&user.display_name),
            user,
            told_at,
            is_changed: false,
        }
    }

    fn place(&self) -> (&str, &str) {
        (&self.folded_name, self.user.username.as_str())
    }
}

impl People {
    /// Begins a snapshot: the number under which its answer is taken over. What events say from
    /// here on is newer than it.
    pub fn begin_snapshot(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    /// Takes a snapshot over, unless a later one was faster.
    pub fn apply_snapshot(&mut self, number: u64, users: Vec<User>) {
        if number <= self.applied {
            return;
        }
        self.applied = number;
        let before = std::mem::take(&mut self.people);
        for mut user in users {
            let told = before
                .iter()
                .find(|person| person.user.username == user.username);
            if let Some(person) = told
                && person.told_at >= number
            {
                user.online = person.user.online;
            }
            let told_at = told.map_or(0, |person| person.told_at);
            self.people.push(Person::new(user, told_at));
        }
        // What was told since the snapshot was asked for: who joined, left, or has another name.
        for person in before {
            if person.is_changed && person.told_at >= number {
                self.put(person);
            }
        }
        self.gone.retain(|(_, told_at)| *told_at >= number);
        let gone = std::mem::take(&mut self.gone);
        self.people
            .retain(|person| !gone.iter().any(|(name, _)| *name == person.user.username));
        self.gone = gone;
        self.sort();
    }

    /// Somebody joined, has another name, or has left for good.
    pub fn change(&mut self, change: UserChanged) {
        self.gone.retain(|(name, _)| *name != change.username);
        if change.active {
            let before = self.get(&change.username);
            let user = User {
                last_seen_at: before.and_then(|user| user.last_seen_at),
                username: change.username,
                display_name: change.display_name,
                online: change.online,
            };
            let mut person = Person::new(user, self.revision);
            person.is_changed = true;
            self.put(person);
            self.sort();
        } else {
            self.people
                .retain(|person| person.user.username != change.username);
            self.gone.push((change.username, self.revision));
        }
    }

    fn put(&mut self, person: Person) {
        self.people
            .retain(|other| other.user.username != person.user.username);
        self.people.push(person);
    }

    fn sort(&mut self) {
        self.people
            .sort_by(|one, other| one.place().cmp(&other.place()));
    }

    /// People came or went, at this moment. False when some of them are not here: then the list is old.
    pub fn presence(
        &mut self,
        changed: &PresenceChanged,
        viewer: &Username,
        now: Timestamp,
    ) -> bool {
        let revision = self.revision;
        let mut unknown = changed.online.len() + changed.offline.len();
        for person in &mut self.people {
            let name = &person.user.username;
            let online = changed.online.binary_search(name).is_ok();
            if online || changed.offline.binary_search(name).is_ok() {
                person.user.online = online;
                // Nothing was said of it where they do not show it.
                if let Some(at) = &mut person.user.last_seen_at {
                    *at = now;
                }
                person.told_at = revision;
                unknown -= 1;
            }
        }
        let is_told_of = |names: &[Username]| names.binary_search(viewer).is_ok();
        unknown == usize::from(is_told_of(&changed.online) || is_told_of(&changed.offline))
    }

    pub fn is_loaded(&self) -> bool {
        self.applied > 0
    }

    /// Certainly nobody: everyone who is here is known.
    pub fn is_nobody(&self) -> bool {
        self.is_loaded() && self.people.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.people.iter().map(|person| &person.user)
    }

    pub fn get(&self, username: &Username) -> Option<&User> {
        self.iter().find(|user| user.username == *username)
    }

    pub fn is_online(&self, username: &Username) -> bool {
        self.get(username).is_some_and(|user| user.online)
    }

    /// A person's name for people, or their username as long as nothing more is known.
    pub fn display_name(&self, username: &Username) -> String {
        let name = self.get(username).map(|user| user.display_name.as_str());
        name.unwrap_or(username.as_str()).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::username;

    fn user(name: &str, online: bool) -> User {
        User {
            username: username(name),
            display_name: name.to_uppercase(),
            online,
            last_seen_at: None,
        }
    }

    fn changed_presence(online: &[&str], offline: &[&str]) -> PresenceChanged {
        PresenceChanged {
            online: online.iter().copied().map(username).collect(),
            offline: offline.iter().copied().map(username).collect(),
        }
    }

    fn told(people: &mut People, online: &[&str], offline: &[&str]) -> bool {
        let changed = changed_presence(online, offline);
        people.presence(&changed, &username("alice"), Timestamp(2))
    }

    #[test]
    fn presence_that_changed_while_the_snapshot_was_under_way_wins_over_it() {
        let mut people = People::default();
        let first = people.begin_snapshot();
        people.apply_snapshot(first, vec![user("bob", false), user("carol", false)]);
        let second = people.begin_snapshot();
        assert!(told(&mut people, &["bob"], &[]));
        people.apply_snapshot(second, vec![user("bob", false), user("carol", true)]);
        assert!(people.is_online(&username("bob")));
        assert!(people.is_online(&username("carol")));
    }

    #[test]
    fn presence_told_before_the_snapshot_was_asked_for_does_not_outlive_it() {
        let mut people = People::default();
        let first = people.begin_snapshot();
        people.apply_snapshot(first, vec![user("bob", false)]);
        told(&mut people, &["bob"], &[]);
        let second = people.begin_snapshot();
        people.apply_snapshot(second, vec![user("bob", false)]);
        assert!(!people.is_online(&username("bob")));
    }

    #[test]
    fn a_stale_snapshot_does_not_win() {
        let mut people = People::default();
        let first = people.begin_snapshot();
        let second = people.begin_snapshot();
        people.apply_snapshot(second, vec![user("bob", true)]);
        people.apply_snapshot(first, vec![user("bob", false)]);
        assert!(people.is_online(&username("bob")));
    }

    #[test]
    fn a_stranger_who_comes_online_makes_the_list_old() {
        assert!(!told(&mut People::default(), &["dave"], &[]));
    }

    #[test]
    fn those_who_come_and_go_together_are_told_apart_and_oneself_is_no_stranger() {
        let mut people = People::default();
        let first = people.begin_snapshot();
        let everybody = vec![user("bob", false), user("carol", true), user("dave", true)];
        people.apply_snapshot(first, everybody);
        assert!(told(&mut people, &["alice", "bob"], &["carol"]));
        let online = ["bob", "carol", "dave"].map(|name| people.is_online(&username(name)));
        assert_eq!(online, [true, false, true]);
        assert!(!told(&mut people, &["bob", "erin"], &[]), "erin is new");
    }

    #[test]
    fn whoever_goes_was_here_until_now_if_they_show_that_at_all() {
        let mut people = People::default();
        let first = people.begin_snapshot();
        let mut open = user("bob", true);
        open.last_seen_at = Some(Timestamp(1));
        people.apply_snapshot(first, vec![open, user("carol", true)]);
        told(&mut people, &[], &["bob", "carol"]);
        people.change(changed("bob", "Robert", true));
        let seen = ["bob", "carol"].map(|name| people.get(&username(name))?.last_seen_at);
        assert_eq!(seen, [Some(Timestamp(2)), None]);
    }

    fn changed(name: &str, display_name: &str, active: bool) -> UserChanged {
        UserChanged {
            username: username(name),
            display_name: display_name.to_owned(),
            online: false,
            active,
        }
    }

    #[test]
    fn who_joins_is_listed_and_who_leaves_is_not_whatever_an_older_snapshot_says() {
        let mut people = People::default();
        let first = people.begin_snapshot();
        people.apply_snapshot(first, vec![user("bob", false), user("carol", false)]);
        let second = people.begin_snapshot();
        people.change(changed("dave", "Dave", true));
        people.change(changed("carol", "Carol", false));
        people.change(changed("bob", "Robert", true));
        people.apply_snapshot(second, vec![user("bob", false), user("carol", false)]);
        let names: Vec<_> = people.iter().map(|user| &user.display_name[..]).collect();
        assert_eq!(names, ["Dave", "Robert"]);
        let third = people.begin_snapshot();
        people.apply_snapshot(third, vec![user("carol", false)]);
        let names: Vec<_> = people.iter().map(|user| &user.display_name[..]).collect();
        assert_eq!(names, ["CAROL"], "a newer snapshot knows better");
    }

    #[test]
    fn people_are_listed_by_name() {
        let mut people = People::default();
        let number = people.begin_snapshot();
        people.apply_snapshot(number, vec![user("carol", true), user("alice", false)]);
        let names: Vec<_> = people.iter().map(|user| user.username.as_str()).collect();
        assert_eq!(names, ["alice", "carol"]);
    }
}
