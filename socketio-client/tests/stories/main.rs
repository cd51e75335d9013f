//! What the client does with a server, told once: natively and in a browser, against socketioxide
//! and against the official server.
//!
//! `SOCKETIO_TEST_ORIGIN` names the server; without it, natively, one of this process is asked. Both
//! the package `echo-server` and `end2end/support/official_server.mjs` understand these stories.
//! `official.md` beside this file says which of them tell the official client's own tests.

mod support;

/// Questions and answers in both directions.
mod acknowledgements;
/// What only a browser has.
#[cfg(target_arch = "wasm32")]
mod browser;
/// From nothing to a connection, or to the reason why not.
mod connecting;
/// Events in both directions, and bytes.
mod events;
/// The other parser, which the servers have at a path of its own.
#[cfg(feature = "msgpack")]
mod messagepack;
/// Several clients on one connection.
mod namespaces;
/// What frames mean.
mod parsing;
/// After a connection was lost.
mod reconnecting;
/// What is sent again, and what the server kept.
mod repeating;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// A test of each story.
macro_rules! tell {
    ($($module:ident { $($story:ident,)* })*) => {
        $($(
            #[cfg_attr(not(target_arch = "wasm32"), tokio::test)]
            #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
            async fn $story() {
                $module::$story().await;
            }
        )*)*
    };
}

tell! {
    connecting {
        connects_and_knows_its_id,
        nothing_happens_before_it_is_told_to_connect,
        connecting_twice_opens_one_connection,
        every_way_leads_to_the_server,
        the_query_arrives_as_it_was_given,
        what_it_authenticates_with_is_asked_anew_for_each_connection,
        a_refusal_is_told_once_and_not_tried_again_until_asked,
        a_namespace_that_is_not_there_is_refused,
        a_server_that_is_not_there_is_tried_as_often_as_the_settings_say,
        without_reconnection_one_failure_is_the_end,
        a_server_that_does_not_answer_in_time_is_tried_again,
        disconnecting_in_the_middle_of_connecting_is_no_error,
        a_path_without_a_server_is_told_with_its_status,
        a_wrong_address_is_told_and_not_tried_again,
        an_authentication_that_fails_once_is_tried_again,
        an_authentication_that_is_over_is_not_tried_again,
    }
    namespaces {
        one_connection_serves_several_namespaces,
        two_builders_are_two_connections,
        a_namespace_has_one_client_on_a_connection,
        a_namespace_can_be_joined_when_the_connection_is_there,
        a_namespace_can_be_joined_when_the_connection_has_ended,
        leaving_one_namespace_leaves_the_connection_to_the_other,
        connecting_while_another_disconnects_works,
        a_refusal_of_one_namespace_is_no_concern_of_the_other,
        a_line_that_breaks_comes_back_for_all_but_those_that_left,
    }
    reconnecting {
        a_line_that_breaks_is_opened_again_with_another_id,
        disconnecting_and_connecting_begins_anew,
        after_connecting_anew_it_still_reconnects_by_itself,
        disconnecting_while_it_waits_ends_the_waiting,
        what_the_server_ends_is_not_begun_again,
        a_connection_outlives_many_heartbeats,
        the_last_handle_takes_the_connection_with_it,
        a_callback_may_disconnect_and_connect,
    }
    events {
        nothing_is_lost_doubled_or_out_of_order_also_in_the_middle_of_an_upgrade,
        an_event_at_the_very_beginning_is_not_missed,
        every_kind_of_payload_comes_back_as_it_went,
        several_arguments_go_both_ways,
        events_that_are_types_carry_their_names_with_them,
        payloads_that_do_not_fit_are_not_delivered,
        a_payload_that_is_no_json_is_an_error_and_nothing_is_sent,
        a_name_that_the_protocol_keeps_for_itself_is_an_error,
        a_listener_hears_its_own_events_until_it_is_dropped,
        who_listens_for_everything_hears_every_name_first,
        who_listens_for_what_goes_out_hears_it_when_it_is_sent,
        what_is_emitted_before_the_connection_is_sent_with_it,
        without_a_connection_nothing_volatile_is_kept,
        bytes_come_back_as_they_went,
        bytes_keep_their_place_among_other_events,
    }
    acknowledgements {
        many_acknowledgements_find_their_events,
        an_event_is_sent_when_it_is_emitted_and_not_when_its_answer_is_awaited,
        an_answer_of_another_shape_is_an_error,
        an_answer_that_does_not_come_times_out,
        a_single_answer_can_have_its_own_time_limit,
        without_a_connection_there_is_no_answer,
        an_event_that_is_kept_too_long_has_no_answer,
        disconnecting_ends_the_wait_for_every_answer,
        a_line_that_breaks_ends_the_wait_for_every_answer,
        dropping_the_client_ends_the_wait_for_every_answer,
        the_client_acknowledges_at_once_or_later,
        the_first_of_several_acknowledgements_counts,
        nothing_is_acknowledged_when_nobody_does,
        an_acknowledgement_after_the_connection_is_an_error,
    }
    parsing {
        frames_mean_the_same_to_the_official_parser,
    }
    repeating {
        with_retries_events_arrive_in_order_each_after_the_one_before,
        with_retries_an_event_that_is_never_acknowledged_fails_in_the_end,
        with_retries_nothing_is_sent_without_a_connection,
        with_retries_what_is_emitted_on_connecting_is_sent_once,
        with_retries_an_event_survives_the_line,
        a_server_that_keeps_what_was_missed_is_asked_for_it,
    }
}

#[cfg(feature = "msgpack")]
tell! {
    messagepack {
        messagepack_carries_every_kind_of_payload,
        messagepack_carries_bytes_both_ways,
        messagepack_carries_several_arguments,
        messagepack_carries_acknowledgements_both_ways,
        messagepack_carries_authentication_and_refusals,
        messagepack_joins_leaves_and_outlives_the_line,
    }
}
