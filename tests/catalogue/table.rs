//! The list.

use std::collections::BTreeSet;

use crate::common::cited;

/// What comes of a case.
enum Covered {
    /// As these tests show.
    By(&'static [&'static str]),
    /// Nothing, or something else than one would expect, for this reason.
    Otherwise(&'static str),
}

use Covered::{By, Otherwise};

/// Every case by its number, in the order in which data passes through: bytes, CSV, JSON, Parquet and compression, meaning,
/// files and system, hostile texts.
#[rustfmt::skip]
const CATALOGUE: [(u32, &str, Covered); 127] = [
    // Encoding and bytes.
    (1, "UTF-16 with a byte order mark", By(&["tests/bytes/encodings.rs::utf_16_is_read_in_both_byte_orders_with_a_mark_and_without"])),
    (2, "UTF-16 without one", By(&["tests/bytes/encodings.rs::utf_16_is_read_in_both_byte_orders_with_a_mark_and_without"])),
    (3, "byte order marks of UTF-8, also a second one", By(&["tests/bytes/encodings.rs::byte_order_marks_are_no_text",
        "tests/bytes/encodings.rs::files_put_together_may_have_a_mark_in_the_middle"])),
    (4, "UTF-32", By(&["tests/bytes/encodings.rs::utf_32_is_refused_with_what_to_do"])),
    (5, "windows-1252, few rows and many", By(&["tests/bytes/encodings.rs::bytes_that_are_no_utf_8_cost_their_own_row_or_line",
        "tests/catalogue/cases.rs::rows_in_another_encoding_are_set_aside_and_too_many_of_them_end_with_3"])),
    (6, "two encodings in one file", By(&["tests/bytes/encodings.rs::bytes_that_are_no_utf_8_cost_their_own_row_or_line"])),
    (7, "overlong forms and surrogates in UTF-8", By(&["tests/bytes/encodings.rs::bytes_that_are_no_utf_8_cost_their_own_row_or_line"])),
    (8, "a zero byte in a field", By(&["tests/bytes/encodings.rs::a_zero_byte_is_a_character_like_another",
        "tests/bytes/encodings.rs::a_zero_byte_reaches_no_report"])),
    (9, "a zip, workbook, PDF or page under the name of an export", By(&["tests/bytes/packed.rs::files_of_other_kinds_are_refused_by_name"])),
    (10, "a sign-in page or the error of an API saved as an export", By(&["tests/bytes/packed.rs::files_of_other_kinds_are_refused_by_name",
        "tests/bytes/packed.rs::files_of_other_kinds_in_a_folder_are_skipped_by_name",
        "tests/bad_input/kinds.rs::in_a_folder_it_is_skipped_with_its_code_and_a_failed_export_is_told"])),
    (11, "a pointer of Git LFS", By(&["tests/bytes/packed.rs::files_of_other_kinds_are_refused_by_name"])),
    (12, "a file that changes while it is read", By(&["src/input/mod.rs::a_file_that_became_shorter_is_not_used_and_one_that_grew_is_named"])),
    // CSV.
    (13, "semicolons and tabs", By(&["tests/bytes/delimited.rs::delimiters_are_found_out_and_stated"])),
    (14, "a first line that states the delimiter", By(&["tests/bytes/delimited.rs::a_first_line_that_states_the_delimiter_is_believed"])),
    (15, "vertical bars", By(&["tests/bytes/delimited.rs::delimiters_are_found_out_and_stated"])),
    (16, "quoted line breaks", By(&["tests/bytes/delimited.rs::line_breaks_inside_quotation_marks_do_not_end_a_row_and_count_as_lines"])),
    (17, "a quotation mark that is never closed", By(&["tests/bytes/delimited.rs::quotation_marks_are_read_as_they_are_meant_or_cost_one_row",
        "tests/bad_input/bounds.rs::a_quotation_mark_before_more_rows_than_a_record_may_hold_costs_one_row"])),
    (18, "a quotation mark that is open at the end", By(&["tests/bytes/delimited.rs::quotation_marks_are_read_as_they_are_meant_or_cost_one_row",
        "src/input/csv.rs::hints_say_what_a_broken_row_may_mean"])),
    (19, "a quotation mark inside a field", By(&["tests/bytes/delimited.rs::quotation_marks_are_read_as_they_are_meant_or_cost_one_row"])),
    (20, "text behind a closing quotation mark", By(&["tests/bytes/delimited.rs::quotation_marks_are_read_as_they_are_meant_or_cost_one_row"])),
    (21, "backslashes before quotation marks", By(&["tests/bytes/delimited.rs::quotation_marks_are_read_as_they_are_meant_or_cost_one_row",
        "src/input/csv.rs::hints_say_what_a_broken_row_may_mean"])),
    (22, "too few fields", By(&["tests/bytes/delimited.rs::rows_of_another_width_cost_themselves"])),
    (23, "too many fields", By(&["tests/bytes/delimited.rs::rows_of_another_width_cost_themselves"])),
    (24, "blank lines", By(&["tests/bytes/delimited.rs::blank_lines_are_no_records_and_count_as_lines",
        "tests/bad_input/bounds.rs::blank_lines_are_no_record_however_many",
        "tests/cli/notes.rs::what_was_read_as_missing_or_assumed_is_counted"])),
    (25, "titles above the header", By(&["tests/bytes/delimited.rs::what_stands_above_the_header_is_passed_over_and_said"])),
    (26, "totals below the rows", By(&["tests/bytes/delimited.rs::what_stands_below_the_rows_is_named_as_no_run"])),
    (27, "a header among the rows", By(&["tests/bytes/delimited.rs::a_header_among_the_rows_is_passed_over_and_counted"])),
    (28, "no header", By(&["tests/bytes/delimited.rs::a_file_without_a_header_that_is_known_is_refused_with_what_was_found",
        "tests/bad_input/kinds.rs::a_name_that_is_nearly_right_is_pointed_out_and_the_advice_works"])),
    (29, "two columns of one name", By(&["tests/bad_input/whole.rs::the_columns_of_one_name_are_told_by_number"])),
    (30, "names of columns in other spellings", By(&["tests/bytes/delimited.rs::names_of_columns_may_be_written_in_many_ways_but_not_twice"])),
    (31, "names of columns in another language", By(&["tests/bytes/delimited.rs::a_file_without_a_header_that_is_known_is_refused_with_what_was_found",
        "tests/bad_input/kinds.rs::a_name_that_is_nearly_right_is_pointed_out_and_the_advice_works"])),
    (32, "a column that every run needs is missing", By(&["tests/bytes/delimited.rs::a_file_without_a_header_that_is_known_is_refused_with_what_was_found",
        "tests/bad_input/kinds.rs::a_name_that_is_nearly_right_is_pointed_out_and_the_advice_works"])),
    (33, "columns that nobody knows", By(&["tests/catalogue/cases.rs::columns_that_no_field_takes_change_nothing_and_are_named_by_check"])),
    (34, "carriage returns only", By(&["tests/bytes/delimited.rs::line_ends_of_every_kind_give_the_same_lines"])),
    (35, "line ends of several kinds", By(&["tests/bytes/delimited.rs::line_ends_of_every_kind_give_the_same_lines"])),
    (36, "no line end at the end", By(&["tests/bytes/delimited.rs::line_ends_of_every_kind_give_the_same_lines"])),
    (37, "a header and no row", By(&["tests/bytes/delimited.rs::a_file_of_no_rows_holds_no_runs",
        "tests/cli/usage.rs::an_empty_list_is_a_report_of_zeros_when_a_date_is_named"])),
    (38, "no byte at all", By(&["tests/bytes/delimited.rs::a_file_of_nothing_is_skipped_and_alone_it_is_refused"])),
    (39, "separators of thousands", By(&["tests/bytes/columns.rs::separators_of_thousands_and_decimals_are_decided_by_the_column"])),
    (40, "a decimal comma", By(&["tests/bytes/columns.rs::separators_of_thousands_and_decimals_are_decided_by_the_column",
        "tests/bytes/columns.rs::the_user_decides_what_the_column_leaves_open"])),
    // JSON.
    (41, "an array", By(&["tests/bytes/documents.rs::records_are_found_in_every_shape_of_document"])),
    (42, "one object a line", By(&["tests/bytes/documents.rs::records_are_found_in_every_shape_of_document"])),
    (43, "a page of an API, with more pages behind it", By(&["tests/bytes/documents.rs::records_are_found_in_every_shape_of_document",
        "tests/bytes/documents.rs::a_further_page_that_is_not_there_is_said"])),
    (44, "documents one behind another", By(&["tests/bytes/documents.rs::records_are_found_in_every_shape_of_document"])),
    (45, "objects over several lines", By(&["tests/bytes/documents.rs::records_are_found_in_every_shape_of_document"])),
    (46, "an array that breaks off", By(&["tests/bytes/documents.rs::a_document_that_breaks_off_keeps_its_whole_records_and_says_that_it_is_cut",
        "tests/bytes/offsets.rs::records_of_json"])),
    (47, "trailing commas, comments, NaN", By(&["tests/bytes/documents.rs::what_is_no_json_is_named_and_what_comes_before_it_is_used"])),
    (48, "a key that stands twice", By(&["tests/bytes/documents.rs::keys_that_stand_twice_are_named"])),
    (49, "whole numbers that are too large, or written as fractions", By(&["tests/bytes/documents.rs::numbers_keep_every_digit_or_are_refused"])),
    (50, "numbers written as texts", By(&["tests/bytes/documents.rs::numbers_keep_every_digit_or_are_refused"])),
    (51, "an error in any wrapping", By(&["tests/bytes/documents.rs::an_error_is_found_in_whatever_it_is_wrapped_in"])),
    (52, "half of a surrogate pair", By(&["tests/bytes/documents.rs::what_is_no_json_is_named_and_what_comes_before_it_is_used"])),
    (53, "values nested without end", By(&["tests/bytes/documents.rs::depth_costs_at_most_its_own_record",
        "tests/bad_input/whole.rs::lists_a_hundred_thousand_deep_neither_crash_nor_hang_the_program"])),
    (54, "values that are no objects", By(&["tests/bytes/documents.rs::values_that_are_no_records_are_named"])),
    (55, "other keys from record to record", By(&["tests/bytes/documents.rs::keys_may_differ_from_record_to_record_and_in_how_they_are_written"])),
    (56, "one object that is one run", By(&["tests/bytes/documents.rs::records_are_found_in_every_shape_of_document"])),
    (57, "keys in other spellings", By(&["tests/bytes/documents.rs::keys_may_differ_from_record_to_record_and_in_how_they_are_written"])),
    (58, "two objects in one line", By(&["tests/bytes/documents.rs::records_are_found_in_every_shape_of_document"])),
    // Parquet and compression.
    (59, "a Parquet file of no byte", By(&["tests/bytes/delimited.rs::a_file_of_nothing_is_skipped_and_alone_it_is_refused"])),
    (60, "a Parquet file of no row", By(&["tests/bytes/packed.rs::a_parquet_file_without_rows_holds_no_runs"])),
    (61, "a Parquet file without its end", By(&["tests/bad_input/cut.rs::a_parquet_file_cut_anywhere_is_refused_whole"])),
    (62, "a Parquet page that is damaged", By(&["tests/bad_input/whole.rs::a_broken_file_is_named_and_the_file_beside_it_is_used",
        "tests/bad_input/whole.rs::a_parquet_file_with_any_one_byte_changed_is_read_or_refused_and_nothing_else",
        "tests/bad_input/corpora.rs::every_column_of_a_damaged_parquet_file_is_refused_or_read_as_what_it_is"])),
    (63, "decimals and times of every kind in Parquet", By(&["src/input/parquet.rs::decimals_are_read_whatever_their_width",
        "tests/catalogue/cases.rs::every_kind_of_time_that_parquet_has_is_the_instant_that_it_says"])),
    (64, "a column of another type in another file", By(&["tests/bytes/packed.rs::columns_of_parquet_files_may_have_other_types_in_another_file"])),
    (65, "encrypted Parquet", By(&["tests/bytes/packed.rs::files_of_other_kinds_are_refused_by_name"])),
    (66, "gzip or zstd that breaks off", By(&["tests/bad_input/cut.rs::a_gzip_file_cut_anywhere_is_refused_whole",
        "tests/bad_input/cut.rs::a_zstd_file_cut_anywhere_is_refused_whole"])),
    (67, "a wrong checksum", By(&["tests/bytes/packed.rs::nothing_of_a_damaged_compressed_file_is_used",
        "tests/bad_input/cut.rs::a_zstd_file_with_any_one_bit_changed_is_refused_or_read_and_with_a_sum_never_otherwise"])),
    (68, "several members in one compressed file", By(&["tests/bytes/packed.rs::compressed_files_hold_what_was_packed_whatever_they_are_called"])),
    (69, "a wrong ending", By(&["tests/bytes/packed.rs::compressed_files_hold_what_was_packed_whatever_they_are_called",
        "tests/bytes/documents.rs::the_content_decides_and_not_the_ending"])),
    (70, "a small file that unpacks to gigabytes", By(&["tests/bad_input/bounds.rs::what_unpacks_to_more_than_a_thousand_times_its_size_is_refused",
        "tests/bad_input/bounds.rs::a_parquet_file_with_more_rows_than_its_bytes_can_hold_is_refused"])),
    (71, "a zip archive", By(&["tests/bytes/packed.rs::files_of_other_kinds_are_refused_by_name"])),
    (72, "a tar archive inside gzip", By(&["tests/bytes/packed.rs::files_of_other_kinds_are_refused_by_name"])),
    // Meaning.
    (73, "a run in two exports, the same", By(&["tests/invariance.rs::the_same_records_in_another_file_only_add_superseded_records"])),
    (74, "a run with a later state", By(&["tests/oracle/by_hand.rs::a_stale_snapshot_is_superseded_and_gives_only_its_early_times",
        "src/runs/reconcile.rs::a_finished_record_wins_over_a_later_snapshot_of_the_run_in_progress"])),
    (75, "a run with two ends that disagree", By(&["src/runs/reconcile.rs::finished_records_that_disagree_are_a_conflict"])),
    (76, "one id in two systems or accounts", By(&["tests/oracle/by_hand.rs::guids_are_one_run_however_they_are_spelled_and_other_ids_only_within_their_scan"])),
    (77, "no id", By(&["src/runs/reconcile.rs::records_without_an_id_merge_only_when_identical"])),
    (78, "an id in other spellings", By(&["src/mapping/mapper.rs::guids_are_lower_case_without_braces_and_other_ids_stay"])),
    (79, "a status that nobody knows", By(&["src/mapping/values.rs::statuses_match_whatever_their_casing_and_spacing",
        "tests/figures.rs::the_program_finds_in_small_histories_what_was_worked_out_by_hand"])),
    (80, "a run without an end in an old export", By(&["tests/figures.rs::made_up_schedules_reach_every_kind_of_finding",
        "tests/figures.rs::made_up_schedules_are_judged_as_by_the_oracle"])),
    (81, "an end before its start", By(&["tests/figures.rs::the_program_finds_in_small_histories_what_was_worked_out_by_hand"])),
    (82, "a length below zero or of months", By(&["tests/cli/notes.rs::what_was_read_as_missing_or_assumed_is_counted"])),
    (83, "a start after the day of the report", By(&["tests/cli/notes.rs::runs_after_a_day_that_was_given_are_pointed_out"])),
    (84, "clocks of two systems that differ", Otherwise("nothing in an export tells that a clock is wrong, so times are shown as they are written")),
    (85, "times without a zone", By(&["src/mapping/time.rs::naive_times_follow_the_zone",
        "tests/bytes/columns.rs::a_zone_in_the_name_of_a_column_is_utc_or_must_be_said",
        "tests/cli/notes.rs::a_zone_that_is_known_is_not_assumed"])),
    (86, "several offsets", By(&["tests/invariance.rs::the_same_instants_written_otherwise_change_nothing"])),
    (87, "local times that come twice or never", By(&["tests/invariance.rs::a_local_time_that_came_twice_is_the_first_and_one_that_never_came_is_a_reject"])),
    (88, "dates whose day and month can be either", By(&["tests/shapes/dates.rs::without_a_value_that_decides_the_ambiguous_ones_are_rejected",
        "tests/bytes/columns.rs::day_and_month_are_decided_by_the_dates_of_all_files"])),
    (89, "years of two digits", By(&["src/mapping/time.rs::nonsense_is_refused"])),
    (90, "numbers since 1970 in several units", By(&["tests/catalogue/cases.rs::every_number_since_1970_tells_its_unit_also_among_others_in_its_column"])),
    (91, "day numbers of a spreadsheet", By(&["tests/bad_input/codes.rs::times_that_are_none_are_named"])),
    (92, "dates that stand for none", By(&["src/mapping/time.rs::placeholders_are_no_timestamps"])),
    (93, "words for nothing among numbers", By(&["tests/bad_input/codes.rs::numbers_that_are_none_are_named",
        "tests/cli/notes.rs::what_was_read_as_missing_or_assumed_is_counted"])),
    (94, "counts below zero, and more classified than discovered", By(&["tests/bad_input/codes.rs::numbers_that_are_none_are_named",
        "tests/figures.rs::the_program_finds_in_small_histories_what_was_worked_out_by_hand"])),
    (95, "a completed run of category N/A", By(&["tests/figures.rs::the_program_finds_in_small_histories_what_was_worked_out_by_hand"])),
    (96, "days without an export, and days without a run", By(&["src/runs/calendar.rs::a_bucket_without_a_day_of_data_is_absent",
        "tests/properties/dates.rs::every_day_of_the_period_is_there_and_known_to_have_data_or_not"])),
    (97, "the newest week is not over", By(&["tests/oracle/by_hand.rs::weeks_are_calendar_dates_of_the_zone_and_the_newest_one_is_partial"])),
    // Files and system.
    (98, "a folder", By(&["tests/bytes/files.rs::folders_are_searched_for_exports_and_nothing_else",
        "tests/cli/files.rs::in_a_folder_only_exports_are_read_and_own_reports_are_skipped"])),
    (99, "links in a circle, and the same bytes twice", By(&["tests/bytes/files.rs::links_are_followed_to_files_and_loops_end",
        "tests/bytes/files.rs::the_same_bytes_under_another_name_are_skipped_and_named", "tests/bytes/files.rs::a_file_is_read_once_whatever_leads_to_it"])),
    (100, "signs of patterns in names", By(&["tests/bytes/files.rs::patterns_find_files_and_brackets_in_names_are_names",
        "tests/bytes/files.rs::signs_of_patterns_in_names_are_names"])),
    (101, "names that are no UTF-8", By(&["tests/bytes/files.rs::a_name_that_is_no_utf_8_is_read_and_shown"])),
    (102, "a file that cannot be read", By(&["tests/bytes/files.rs::a_file_that_fails_while_it_is_read_is_an_error_that_names_it",
        "tests/bytes/files.rs::a_link_to_nothing_is_named"])),
    (103, "pipes and standard input", By(&["tests/bytes/pipes.rs::a_pipe_is_read_like_a_file",
        "tests/bytes/stdin.rs::every_format_can_come_from_standard_input"])),
    (104, "a name of nothing", By(&["tests/bytes/files.rs::what_is_not_there_is_an_error_that_names_it"])),
    (105, "many files and few handles", By(&["tests/bytes/pipes.rs::many_files_need_few_handles"])),
    (106, "a disk that is full or fails", By(&["tests/cli/files.rs::what_fails_leaves_the_report_before_it_whole",
        "tests/faults.rs::a_full_disk_leaves_the_old_reports",
        "tests/faults.rs::each_system_call_that_fails_leaves_whole_reports"])),
    (107, "the program is killed", By(&["tests/faults.rs::a_kill_leaves_whole_reports", "tests/faults.rs::only_files_that_are_left_are_removed"])),
    (108, "the program is interrupted", By(&["tests/cli/writing.rs::an_interrupted_call_ends_with_130_and_leaves_nothing"])),
    (109, "a reader that goes away", By(&["tests/cli/usage.rs::a_reader_that_goes_away_is_no_error"])),
    (110, "an output that is an input", By(&["tests/cli/files.rs::an_input_is_never_overwritten",
        "tests/cli/writing.rs::an_input_is_not_overwritten_under_another_name"])),
    (111, "an output that exists", By(&["tests/cli/files.rs::a_foreign_file_is_refused_and_left_untouched_and_force_replaces_it",
        "tests/cli/files.rs::a_second_run_replaces_its_own_reports_without_force"])),
    (112, "a folder that is missing or may not be written", By(&["tests/cli/files.rs::targets_that_cannot_be_written_are_refused",
        "tests/cli/writing.rs::a_folder_that_may_not_be_written_is_named_and_nothing_is_left"])),
    (113, "two calls at the same time", By(&["tests/catalogue/cases.rs::calls_at_the_same_time_leave_one_whole_report",
        "tests/faults.rs::calls_at_the_same_time_do_not_disturb_each_other"])),
    (114, "a hundred million rows", Otherwise("all runs are held in memory, so that a log of that size needs a larger machine; a million are measured by hand")),
    (115, "a message of a megabyte", By(&["tests/catalogue/cases.rs::a_message_of_a_megabyte_is_grouped_by_its_beginning_and_cut_with_its_length"])),
    (116, "a million names of scans", By(&["src/render/html/tests.rs::a_long_table_is_cut_and_says_where_the_rest_is",
        "tests/markdown/main.rs::the_limit_holds",
        "tests/cli/notes.rs::a_log_of_made_up_names_makes_a_report_of_bounded_size"])),
    (117, "a million errors", By(&["src/render/html/tests.rs::a_long_table_is_cut_and_says_where_the_rest_is",
        "tests/markdown/main.rs::the_limit_holds",
        "tests/cli/notes.rs::a_log_of_made_up_names_makes_a_report_of_bounded_size",
        "src/sections/bounds.rs::every_bounded_table_keeps_its_first_rows_and_adds_up_the_others"])),
    // Hostile texts.
    (118, "scripts, attributes and addresses in a page", By(&["tests/hostile/html.rs::a_hostile_page_is_built_like_a_plain_one",
        "src/render/html/tests.rs::only_certain_addresses_are_links", "src/render/html/tests.rs::the_policy_names_the_style_by_its_hash"])),
    (119, "markup, pictures and mentions in Markdown", By(&["tests/markdown/main.rs::a_hostile_log_has_the_same_shape_as_a_plain_one",
        "tests/markdown/main.rs::a_name_is_shown_as_it_is"])),
    (120, "formulas in CSV", By(&["src/render/csv.rs::what_begins_a_formula_is_guarded", "tests/cli/tables.rs::a_cell_that_a_spreadsheet_would_run_is_guarded",
        "tests/hostile/outputs.rs::no_output_obeys_a_hostile_log"])),
    (121, "sequences that steer a terminal", By(&["tests/bad_input/codes.rs::what_a_log_says_does_not_steer_the_terminal",
        "tests/hostile/outputs.rs::what_is_said_of_a_file_that_cannot_be_used_is_tame"])),
    (122, "characters that turn the text or are not seen", By(&["src/render/format.rs::control_characters_do_not_reach_a_reader",
        "tests/hostile/outputs.rs::no_output_obeys_a_hostile_log"])),
    (123, "a zero byte", By(&["tests/bytes/encodings.rs::a_zero_byte_reaches_no_report"])),
    (124, "paths in names", Otherwise("no file is named after anything in a log: reports are named by the user, and tables after their sections")),
    (125, "styles and drawings in texts", By(&["tests/hostile/html.rs::a_hostile_page_is_built_like_a_plain_one",
        "src/render/html/tests.rs::text_from_logs_stays_text"])),
    (126, "texts that are hard on patterns", By(&["tests/catalogue/cases.rs::messages_that_are_hard_on_patterns_are_read_in_seconds"])),
    (127, "a list of nasty texts as names", By(&["tests/hostile/outputs.rs::no_output_obeys_a_hostile_log",
        "tests/hostile/outputs.rs::a_ticket_about_a_hostile_run_is_tame"])),
];

#[test]
fn every_case_has_a_test_that_exists_or_a_reason() {
    let numbers: Vec<u32> = CATALOGUE.iter().map(|(number, ..)| *number).collect();
    assert_eq!(numbers, (1..=127).collect::<Vec<_>>());
    let names: BTreeSet<&str> = CATALOGUE.iter().map(|(_, name, _)| *name).collect();
    assert_eq!(names.len(), CATALOGUE.len());
    let mut faults = Vec::new();
    let mut otherwise = 0;
    for (number, _, covered) in &CATALOGUE {
        match covered {
            By(tests) => {
                assert!(!tests.is_empty(), "{number}");
                faults.extend(tests.iter().filter_map(|test| cited::fault(test)));
            }
            Otherwise(reason) => {
                assert!(reason.split(' ').count() > 8, "{number}: {reason}");
                otherwise += 1;
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // Reasons are the exception.
    assert!(otherwise <= 8, "{otherwise}");
}
