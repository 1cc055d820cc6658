// The vault's own duties: keeping, sealing anew, destroying, telling; and what it does when others are away.
#include <thread>

#include "custody/testing.hpp"

namespace vitrine::custody {
namespace {

using testing::CustodyTest;
using testing::secret;
using testing::seed;

constexpr std::int64_t day_s = 86'400;

class VaultTest : public CustodyTest {
 protected:
  std::vector<json::object> entries_of_kind(std::string_view kind) {
    std::vector<json::object> out;
    for (const auto& entry : appended_) {
      const auto value = parse_json(entry)->as_object();
      if (text_member(value, "kind") == kind) out.push_back(value);
    }
    return out;
  }
  std::vector<std::string> classes_of(const std::string& subject) {
    std::vector<std::string> out;
    const auto records = *vault_->records_of(subject);
    for (const auto& one : records) out.push_back(one.data_class);
    return out;
  }
  RequestState state_of(const Request& request) {
    const auto requests = *vault_->requests("", 100);
    for (const auto& one : requests)
      if (one.request.id == request.id) return one;
    ADD_FAILURE() << "the request is not listed";
    return {};
  }
};

TEST_F(VaultTest, the_same_record_again_changes_nothing) {
  const auto record = seal(rules_, {.subject = "ada", .data_class = "contact", .zone = "home"}, secret, clock_.now());
  ASSERT_TRUE(record);
  const auto expires_s = clock_.now() / 1000 + day_s;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(vault_->put(*record, seed("ada"), expires_s + i));
  const auto records = *vault_->records_of("ada");
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].expires_s, expires_s);
  EXPECT_EQ(records[0].since_s, id_time(record->id) / 1000);
}

TEST_F(VaultTest, one_class_is_erased_and_the_rest_stays) {
  put("ada");
  put("ada", "1990-01-02", false, "identity");
  put("eve");
  EXPECT_EQ(*vault_->erase("ada", "contact"), 1);
  EXPECT_EQ(classes_of("ada"), (std::vector<std::string>{"identity"}));
  EXPECT_EQ(classes_of("eve").size(), 1u);
  EXPECT_EQ(*vault_->erase("ada", "contact"), 0) << "again: there is nothing";
  EXPECT_EQ(entries_of_kind("erasure").size(), 1u);
}

TEST_F(VaultTest, with_everything_of_a_person_goes_what_ties_them_to_entries) {
  put("ada");
  ASSERT_TRUE(open_for("ada"));
  EXPECT_EQ(vault_->receipts("ada")->size(), 1u);
  EXPECT_EQ(*vault_->erase("ada", ""), 1);
  EXPECT_TRUE(vault_->receipts("ada")->empty());
}

TEST_F(VaultTest, a_person_reads_their_own_fields_of_a_class_in_order) {
  EXPECT_TRUE(vault_->read_own("ada", "contact")->empty());
  for (int i = 0; i < 5; ++i) {
    put("ada", fmt::format("{}@example.org", i));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // ids are ordered by the millisecond
  }
  put("ada", "1990-01-02", false, "identity");
  const auto fields = vault_->read_own("ada", "contact");
  ASSERT_TRUE(fields) << fields.error().message;
  ASSERT_EQ(fields->size(), 5u);
  for (int i = 0; i < 5; ++i) EXPECT_EQ((*fields)[static_cast<std::size_t>(i)], fmt::format("{}@example.org", i));
}

TEST_F(VaultTest, what_is_guarded_anew_keeps_text_order_age_and_end) {
  const auto expires_s = clock_.now() / 1000 + day_s;
  put("ada", "old@example.org");
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  put("ada", "new@example.org", false, "contact", expires_s);
  put("ada", "1990-01-02", false, "identity");
  const auto before = *vault_->records_of("ada");
  ASSERT_TRUE(vault_->set_guarded("ada", true));
  const auto after = *vault_->records_of("ada");
  ASSERT_EQ(after.size(), 3u);
  for (const auto& one : after)
    EXPECT_TRUE(std::ranges::none_of(before, [&](const RecordInfo& old) { return old.id == one.id; }));
  EXPECT_EQ(std::ranges::count(after, expires_s, &RecordInfo::expires_s), 1);
  EXPECT_EQ(*vault_->read_own("ada", "contact"), (std::vector<std::string>{"old@example.org", "new@example.org"}));
  EXPECT_EQ(entries_of_kind("erasure").size(), 1u);
  expect_refused(open_for("ada"), "an overseer must sign");
  ASSERT_TRUE(vault_->set_guarded("ada", false));
  EXPECT_EQ(*open_for("ada"), "new@example.org");
}

TEST_F(VaultTest, minors_stay_guarded) {
  put("kim", "kim@example.org", true, "minor.contact");
  ASSERT_TRUE(vault_->set_guarded("kim", false));
  const auto request = vault_->ask(member("mia"), "kim", "minor.contact", "abuse-case", "case 9");
  ASSERT_TRUE(request);
  approve(*request, "mia");
  approve(*request, "noor");
  expect_refused(vault_->open_field(request->id), "an overseer must sign");
}

TEST_F(VaultTest, sealing_anew_that_breaks_off_leaves_the_old_or_the_new) {
  put("ada");
  put("ada", "1990-01-02", false, "identity");
  log_is_down_ = true;
  EXPECT_FALSE(vault_->set_guarded("ada", true));
  EXPECT_EQ(vault_->records_of("ada")->size(), 2u);
  log_is_down_ = false;
  // The witness goes away once the fields are read and sealed anew: what erases the old ones cannot be proven.
  proof_patience_ms_ = 300;
  std::atomic<int> proofs = 0;
  before_proof_ = [&] { witness_is_down_ = ++proofs > 2; };
  EXPECT_FALSE(vault_->set_guarded("ada", true));
  before_proof_ = nullptr;
  witness_is_down_ = false;
  proof_patience_ms_ = testing::patience_ms;
  EXPECT_EQ(vault_->records_of("ada")->size(), 2u) << "the new ones count, the old ones no more";
  EXPECT_EQ(*vault_->read_own("ada", "contact"), (std::vector<std::string>{std::string(secret)}));
  EXPECT_EQ(vault_->sweep(clock_.now())->destroyed, 2) << "the old ones";
  EXPECT_EQ(vault_->sweep(clock_.now())->destroyed, 0);
  EXPECT_EQ(vault_->records_of("ada")->size(), 2u);
  expect_refused(open_for("ada"), "an overseer must sign");
}

TEST_F(VaultTest, a_refused_request_may_get_more_signatures_and_opens_then_once) {
  put("ada");
  const auto request = ask("ada");
  approve(request, "mia");
  expect_refused(vault_->open_field(request.id), "needs 1 other signers");
  EXPECT_EQ(state_of(request).stage, RequestState::Stage::refused);
  EXPECT_TRUE(state_of(request).reason.find("needs 1 other signers") != std::string::npos);
  EXPECT_TRUE(vault_->approve(request.id, mia_.approve(request, "noor", "localhost")));
  expect_refused(vault_->open_field(request.id), "its signature");
  approve(request, "noor");  // in place of the forged one
  EXPECT_EQ(state_of(request).stage, RequestState::Stage::waiting);
  EXPECT_EQ(state_of(request).approvals, (std::vector<std::string>{"mia", "noor"}));
  EXPECT_EQ(*vault_->open_field(request.id), secret);
  EXPECT_EQ(state_of(request).stage, RequestState::Stage::opened);
  EXPECT_EQ(vault_->open_field(request.id).error().code, Errc::gone);
  EXPECT_EQ(vault_->approve(request.id, otto_.approve(request, "otto", "localhost")).error().code, Errc::gone);
  EXPECT_EQ(vault_->receipts("ada")->size(), 3u) << "each attempt is told";
  const auto attempts = state_of(request).attempts;
  ASSERT_EQ(attempts.size(), 3u);
  EXPECT_EQ(attempts[0].stage, RequestState::Stage::refused);
  EXPECT_TRUE(attempts[0].reason.find("needs 1 other signers") != std::string::npos);
  EXPECT_EQ(attempts[1].stage, RequestState::Stage::refused);
  EXPECT_EQ(attempts[2].stage, RequestState::Stage::opened);
  EXPECT_EQ(attempts[2].nonce, entries_of_kind("access").back().at("nonce").as_string());
  EXPECT_EQ(entries_of_kind("access").size(), 3u);
}

TEST_F(VaultTest, of_many_who_open_a_request_at_once_one_gets_the_field) {
  put("ada");
  const auto request = ask("ada");
  approve(request, "mia");
  approve(request, "noor");
  std::atomic<int> opened = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        if (vault_->open_field(request.id)) ++opened;
      });
  }
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(entries_of_kind("access").size(), 1u);
}

TEST_F(VaultTest, requests_are_listed_newest_first_of_one_reader_or_of_all) {
  put("ada");
  std::vector<std::string> ids;
  for (const char* reader : {"mia", "noor", "mia"}) {
    ids.push_back(ask("ada", reader).id);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  const auto listed = [&](const char* reader, std::size_t limit) {
    std::vector<std::string> out;
    const auto requests = *vault_->requests(reader, limit);
    for (const auto& one : requests) out.push_back(one.request.id);
    return out;
  };
  EXPECT_EQ(listed("", 10), (std::vector{ids[2], ids[1], ids[0]}));
  EXPECT_EQ(listed("", 2), (std::vector{ids[2], ids[1]}));
  EXPECT_EQ(listed("mia", 10), (std::vector{ids[2], ids[0]}));
  EXPECT_EQ(vault_->requests("", 1)->front().subject, "ada");
}

TEST_F(VaultTest, a_request_for_a_field_that_was_sealed_anew_must_be_asked_again) {
  put("ada");
  const auto request = ask("ada");
  ASSERT_TRUE(vault_->set_guarded("ada", true));
  EXPECT_EQ(vault_->open_field(request.id).error().code, Errc::not_found);
}

TEST_F(VaultTest, all_tags_of_a_batch_are_told_and_give_its_root) {
  put("ada");
  put("ada");
  ASSERT_TRUE(vault_->read_own("ada", "contact"));
  const auto receipts = *vault_->receipts("ada");
  ASSERT_EQ(receipts.size(), 1u) << "one for both fields";
  ASSERT_EQ(receipts[0].tags.size(), 2u);
  const auto root = tags_root_in(receipts[0].entry);
  ASSERT_TRUE(root);
  EXPECT_EQ(root_of_tags(receipts[0].tags), *root);
  EXPECT_EQ(*vault_->tags_under(crypto::text_of(*root)), receipts[0].tags);
  EXPECT_EQ(vault_->tags_under(std::string(32, 'x')).error().code, Errc::not_found);
}

TEST_F(VaultTest, mail_goes_to_the_newest_address_and_leaves_one_trace) {
  const Mail mail{.title = "Your code", .text = "12345678"};
  EXPECT_EQ(vault_->mail("ada", "contact", "deliver-message", mail).error().code, Errc::not_found);
  put("ada", "old@example.org");
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  put("ada", "new@example.org");
  const auto before = log_->size();
  ASSERT_TRUE(vault_->mail("ada", "contact", "account-recovery", mail));
  EXPECT_EQ(sent_, (std::vector<std::string>{"new@example.org: Your code"}));
  EXPECT_EQ(log_->size(), before + 1);
  for (const char* purpose : {"self", "abuse-case", "payout", ""})
    EXPECT_EQ(vault_->mail("ada", "contact", purpose, mail).error().code, Errc::invalid_argument) << purpose;
  EXPECT_FALSE(vault_->mail("ada", "contact", "deliver-message", {.title = "a\r\nBcc: eve@example.org", .text = ""}));
  EXPECT_FALSE(vault_->mail("ada", "contact", "deliver-message",
                            {.title = "a", .text = "", .unsubscribe = "https://x\r\nBcc: eve@example.org"}));
  EXPECT_EQ(log_->size(), before + 1) << "what cannot be sent opens nothing";
}

TEST_F(VaultTest, what_has_expired_does_not_open_and_is_destroyed) {
  const auto now = clock_.now();
  put("ada", "10.0.0.1", false, "network", now / 1000 + day_s);
  put("ada", "10.0.0.2", false, "network", now / 1000 - 1);
  put("ada");
  EXPECT_EQ(classes_of("ada").size(), 2u) << "it counts no more before it is destroyed";
  EXPECT_EQ(*vault_->read_own("ada", "network"), (std::vector<std::string>{"10.0.0.1"}));
  EXPECT_EQ(vault_->sweep(now)->destroyed, 1);
  EXPECT_EQ(vault_->sweep(now)->destroyed, 0);
  EXPECT_EQ(vault_->sweep(now + 2 * day_s * 1000)->destroyed, 1);
  EXPECT_EQ(classes_of("ada"), (std::vector<std::string>{"contact"}));
  EXPECT_EQ(entries_of_kind("erasure").size(), 2u);
}

TEST_F(VaultTest, once_a_day_it_proves_that_nothing_is_older_than_it_may_be) {
  const auto now = clock_.now();
  put("ada", "10.0.0.1", false, "network", now / 1000 - 1);
  EXPECT_EQ(vault_->sweep(now)->older, 0);
  EXPECT_EQ(vault_->sweep(now + day_s * 1000 - 1000)->older, std::nullopt);
  open_vault();
  EXPECT_EQ(vault_->sweep(now + day_s * 1000 - 1000)->older, std::nullopt) << "also after a restart";
  EXPECT_EQ(vault_->sweep(now + day_s * 1000)->older, 0);
  const auto proofs = entries_of_kind("retention");
  ASSERT_EQ(proofs.size(), 2u);
  EXPECT_EQ(proofs[0].at("older").to_number<int>(), 0);
  EXPECT_EQ(proofs[0].at("bucket_s").to_number<std::int64_t>(), bucket_of(now));
}

TEST_F(VaultTest, a_sweep_that_cannot_say_so_destroys_nothing_and_proves_nothing) {
  put("ada", "10.0.0.1", false, "network", 1);
  log_is_down_ = true;
  EXPECT_EQ(vault_->sweep(clock_.now()).error().code, Errc::unavailable);
  EXPECT_EQ(database_->query("SELECT id FROM sealed_records")->size(), 1u);
  log_is_down_ = false;
  EXPECT_EQ(vault_->sweep(clock_.now())->destroyed, 1);
}

TEST_F(VaultTest, with_the_log_away_nothing_opens_and_nothing_is_told) {
  put("ada");
  log_is_down_ = true;
  EXPECT_EQ(open_for("ada").error().code, Errc::unavailable);
  EXPECT_EQ(vault_->read_own("ada", "contact").error().code, Errc::unavailable);
  EXPECT_EQ(vault_->ask(member("fern"), "ada", "contact", "abuse-case", "x").error().code, Errc::unavailable);
  EXPECT_EQ(vault_->erase("ada", "").error().code, Errc::unavailable);
  log_is_down_ = false;
  EXPECT_TRUE(vault_->receipts("ada")->empty());
  EXPECT_EQ(*open_for("ada"), secret);
}

TEST_F(VaultTest, with_the_witness_away_nothing_opens_and_the_attempt_is_told) {
  put("ada");
  witness_is_down_ = true;
  proof_patience_ms_ = 300;
  const auto request = ask("ada");
  approve(request, "mia");
  approve(request, "noor");
  const auto opened = vault_->open_field(request.id);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::unavailable);
  EXPECT_TRUE(opened.error().message.find("the witness is away") != std::string::npos) << opened.error().message;
  EXPECT_EQ(state_of(request).stage, RequestState::Stage::waiting) << "nobody refused";
  EXPECT_EQ(vault_->receipts("ada")->size(), 1u);
  witness_is_down_ = false;
  proof_patience_ms_ = testing::patience_ms;
  EXPECT_EQ(*vault_->open_field(request.id), secret);
}

TEST_F(VaultTest, an_entry_of_which_nobody_knows_whether_the_log_has_it_is_appended_again) {
  put("ada");
  log_breaks_off_ = true;
  EXPECT_EQ(open_for("ada").error().code, Errc::unavailable);
  log_breaks_off_ = false;
  EXPECT_TRUE(vault_->receipts("ada")->empty()) << "not told before it is known";
  EXPECT_EQ(*vault_->repeat_unlogged(), 1);
  EXPECT_EQ(*vault_->repeat_unlogged(), 0);
  const auto receipts = *vault_->receipts("ada");
  ASSERT_EQ(receipts.size(), 1u);
  EXPECT_EQ(*canonical_json(entries_of_kind("access").back()), receipts[0].entry);
}

TEST_F(VaultTest, an_entry_of_an_opening_that_is_under_way_is_not_repeated) {
  put("ada");
  held_ = 0b111;
  std::jthread opening([&] { EXPECT_EQ(*open_for("ada"), secret); });
  wait_for_releases_asked();
  EXPECT_EQ(*vault_->repeat_unlogged(), 0);
  let_go();
  opening.join();
  EXPECT_EQ(*vault_->repeat_unlogged(), 0);
  EXPECT_EQ(entries_of_kind("access").size(), 1u);
}

TEST_F(VaultTest, custodians_that_are_away_or_babble_are_named_and_do_not_count) {
  put("ada");
  babbling_ = 1U << 2;
  EXPECT_EQ(*open_for("ada"), secret);
  down_ = 1U << 0;
  const auto failed = open_for("ada");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::unavailable);
  EXPECT_TRUE(failed.error().message.find("c1: it is down") != std::string::npos) << failed.error().message;
  EXPECT_TRUE(failed.error().message.find("c3: it answered with something else") != std::string::npos);
  babbling_ = 0;
  lying_ = 1U << 1;
  expect_refused(open_for("ada"), "do not fit together");
  lying_ = down_ = 0;
  EXPECT_EQ(*open_for("ada"), secret) << "it recovers by itself";
}

TEST_F(VaultTest, a_slow_custodian_holds_nobody_up) {
  put("ada");
  held_ = 1U << 0;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(vault_->read_own("ada", "contact")->size(), 1u) << "while it has not answered";
  let_go();
}

}  // namespace
}  // namespace vitrine::custody
