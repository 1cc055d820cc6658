// What opens, and everything that must not.
#include "custody/testing.hpp"

namespace vitrine::custody {
namespace {

using testing::CustodyTest;
using testing::secret;
using testing::seed;

TEST_F(CustodyTest, a_field_opens_once_with_two_signatures_and_leaves_a_receipt_only_the_subject_recognises) {
  put("ada");
  const auto opened = open_for("ada");
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(*opened, secret);
  const auto receipts = vault_->receipts("ada");
  ASSERT_EQ(receipts->size(), 1u);
  const auto entry = parse_json(receipts->front().entry)->as_object();
  EXPECT_EQ(entry.at("purpose").as_string(), "abuse-case");
  const auto nonce = *crypto::from_base64(entry.at("nonce").as_string());
  EXPECT_EQ(*crypto::from_base64(entry.at("tag").as_string()), subject_tag(seed("ada"), nonce));
  EXPECT_NE(*crypto::from_base64(entry.at("tag").as_string()), subject_tag(seed("eve"), nonce));
  EXPECT_TRUE(receipts->front().entry.find("ada") == std::string::npos) << "nothing in it names her";
  EXPECT_TRUE(receipts->front().entry.find("case 7") == std::string::npos);
}

TEST_F(CustodyTest, a_request_opens_once) {
  put("ada");
  const auto request = ask("ada");
  approve(request, "mia");
  approve(request, "noor");
  ASSERT_TRUE(vault_->open_field(request.id));
  EXPECT_EQ(vault_->open_field(request.id).error().code, Errc::gone);
}

TEST_F(CustodyTest, without_enough_or_with_wrong_signatures_nothing_opens) {
  put("ada");
  const auto alone = ask("ada");
  approve(alone, "mia");
  expect_refused(vault_->open_field(alone.id), "needs 1 other signers");
  const auto unsigned_by_reader = ask("ada");
  approve(unsigned_by_reader, "noor");
  approve(unsigned_by_reader, "otto");
  expect_refused(vault_->open_field(unsigned_by_reader.id), "the reader has not signed");
  const auto first = ask("ada"), other = ask("ada");
  approve(other, "mia");
  EXPECT_TRUE(vault_->approve(other.id, noor_.approve(first, "noor", "localhost")));
  expect_refused(vault_->open_field(other.id), "another request");
  const auto forged = ask("ada");
  approve(forged, "mia");
  EXPECT_TRUE(vault_->approve(forged.id, mia_.approve(forged, "noor", "localhost")));
  expect_refused(vault_->open_field(forged.id), "its signature");
  const auto elsewhere = ask("ada");
  approve(elsewhere, "mia");
  EXPECT_TRUE(vault_->approve(elsewhere.id, noor_.approve(elsewhere, "noor", "evil.example")));
  expect_refused(vault_->open_field(elsewhere.id), "another host");
}

TEST_F(CustodyTest, a_guarded_person_needs_an_overseer) {
  put("journalist", secret, true);
  expect_refused(open_for("journalist"), "an overseer must sign");
  const auto request = ask("journalist");
  approve(request, "mia");
  approve(request, "otto");
  EXPECT_TRUE(vault_->open_field(request.id));
}

TEST_F(CustodyTest, zones_and_purposes_are_refused_in_public) {
  put("ada");
  const auto before = log_->size();
  EXPECT_EQ(vault_->ask(member("fern"), "ada", "contact", "abuse-case", "an order from abroad").error().code,
            Errc::forbidden);
  EXPECT_EQ(vault_->ask(member("mia"), "ada", "contact", "internal-investigation", "who leaked").error().code,
            Errc::forbidden);
  EXPECT_EQ(vault_->ask(member("mia"), "ada", "contact", "payout", "x").error().code, Errc::forbidden);
  EXPECT_EQ(vault_->ask(member("mia"), "ada", "contact", "abuse-case", "").error().code, Errc::forbidden);
  EXPECT_EQ(log_->size(), before + 4);
  EXPECT_EQ(vault_->receipts("ada")->size(), 4u) << "she sees who tried";
  EXPECT_EQ(vault_->ask(member("mia"), "nobody", "contact", "abuse-case", "x").error().code, Errc::not_found);
}

TEST_F(CustodyTest, one_custodian_down_or_lying_does_not_matter_two_do) {
  put("ada");
  down_ = 1U << 0;
  EXPECT_TRUE(open_for("ada"));
  down_ = 0;
  lying_ = 1U << 1;
  EXPECT_TRUE(open_for("ada")) << "the liar's shares are left out";
  lying_ = 0;
  down_ = 1U << 0 | 1U << 1;
  const auto failed = open_for("ada");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::unavailable);
}

TEST_F(CustodyTest, a_patched_vault_that_leaves_no_trace_opens_nothing) {
  put("ada");
  ASSERT_TRUE(open_for("ada"));
  auto body = last(0);
  auto entry = parse_json(body.at("entry").as_string())->as_object();
  entry["nonce"] = crypto::base64(crypto::bytes_of(std::string(16, 'n')));
  body["entry"] = *canonical_json(entry);  // never appended
  expect_refused(custodians_[0]->release(body), "no trace in the log");
  body = last(0);
  body["proof"] = "c2sp.org/tlog-proof@v1\nindex 0\n\nnothing";
  expect_refused(custodians_[0]->release(body), "no trace in the log");
}

TEST_F(CustodyTest, a_patched_vault_that_replays_opens_nothing) {
  put("ada");
  ASSERT_TRUE(open_for("ada"));
  for (std::size_t i = 0; i < 3; ++i) expect_refused(custodians_[i]->release(last(i)), "ask anew");
  open_custodian(0);
  expect_refused(custodians_[0]->release(last(0)), "before this custodian started");
}

TEST_F(CustodyTest, a_patched_vault_that_relabels_opens_nothing) {
  put("ada");
  put("eve");
  ASSERT_TRUE(open_for("ada"));
  const auto eves = last(0);
  // Eve's trace for Ada's box: tags, record and request no longer fit, whatever is changed.
  ASSERT_TRUE(open_for("eve"));
  auto body = last(0);
  body["boxes"] = eves.at("boxes");
  open_custodian(0);
  expect_refused(custodians_[0]->release(body), "ask anew");
  // A trace made for the purpose, with the box of another record in it.
  down_ = 1U << 0 | 1U << 1 | 1U << 2;
  EXPECT_FALSE(open_for("eve"));
  body = last(0);
  body["boxes"] = eves.at("boxes");
  expect_refused(custodians_[0]->release(body), "a box is of another record");
  // A trace that says a harmless purpose for a request that says another.
  auto request = *read_request(body.at("request"));
  request.purpose = "child-safety";
  body = last(0);
  body["request"] = request.to_json();
  expect_refused(custodians_[0]->release(body), "another request");
}

TEST_F(CustodyTest, a_patched_vault_that_shows_two_entries_opens_nothing) {
  put("ada");
  down_ = 1U << 0 | 1U << 1 | 1U << 2;
  std::array<json::object, 2> bodies;
  std::array<crypto::Hash, 2> keys;
  for (std::size_t i = 0; i < 2; ++i) {
    // The vault's own work, with one-time keys that it keeps: two traces of the same record, one for each custodian.
    const auto asked = ask("ada");
    approve(asked, "mia");
    approve(asked, "noor");
    EXPECT_FALSE(vault_->open_field(asked.id));
    bodies[i] = last(i);
    keys[i] = seed(fmt::format("one-time {}", i));
    auto opening = *read_opening(bodies[i].at("opening"));
    opening.vault_key = crypto::BoxKey(keys[i]).public_key();
    const auto entry = parse_json(bodies[i].at("entry").as_string())->as_object();
    const auto nonce = *crypto::from_base64(entry.at("nonce").as_string());
    const auto text = access_entry(*read_request(bodies[i].at("request")), member("mia"), bucket_of(clock_.now()),
                                   nonce, std::vector{subject_tag(seed("ada"), nonce)}, opening.commitment());
    bodies[i]["opening"] = opening.to_json();
    bodies[i]["entry"] = text;
    bodies[i]["proof"] = *append(text, true);
  }
  std::map<int, Share> shares;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto answer = custodians_[i]->release(bodies[i]);
    ASSERT_TRUE(answer) << answer.error().message;
    const auto plain = *crypto::BoxKey(keys[i]).open(*answer);
    shares[plain[0]] = *crypto::hash_from(std::string_view(plain).substr(1, 32));
  }
  const auto rows = database_->query("SELECT sealed FROM sealed_records");
  const auto record = *read_sealed_record(*parse_json((*rows)[0].text(0)));
  EXPECT_FALSE(open_record(record, *join_key(shares))) << "each gave its share, and they do not fit together";
  // With the same entry they would.
  auto same = bodies[0];
  same["boxes"] = bodies[1].at("boxes");
  const auto second = custodians_[1]->release(same);
  ASSERT_TRUE(second) << second.error().message;
  const auto plain = *crypto::BoxKey(keys[0]).open(*second);
  shares[plain[0]] = *crypto::hash_from(std::string_view(plain).substr(1, 32));
  EXPECT_EQ(*open_record(record, *join_key(shares)), secret);
}

TEST_F(CustodyTest, limits_hold_over_restarts_and_set_back_custodians) {
  put("ada");
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(open_for("ada")) << i;
  const auto sixth = open_for("ada");
  ASSERT_FALSE(sixth);
  EXPECT_EQ(sixth.error().code, Errc::too_many_requests);
  settle();
  for (std::size_t i = 0; i < 3; ++i) {
    custodians_[i].reset();
    std::filesystem::remove(folder_ / rules_.custodians[i].name + "/state.json");
    open_custodian(i);
  }
  EXPECT_EQ(open_for("ada").error().code, Errc::too_many_requests) << "the log remembers";
}

TEST_F(CustodyTest, cosignatures_that_are_old_or_from_the_future_open_nothing) {
  put("ada");
  for (const TimeMs ahead_ms : {600'000, -600'000}) {
    custodians_clock_.ahead_ms = ahead_ms;
    expect_refused(open_for("ada"), "the cosignatures under the entry are older than");
  }
  custodians_clock_.ahead_ms = 0;
  EXPECT_TRUE(open_for("ada"));
}

TEST_F(CustodyTest, an_erased_record_does_not_open_from_a_backup) {
  const auto id = put("ada");
  const auto rows = database_->query("SELECT sealed FROM sealed_records");
  const auto backup = *read_sealed_record(*parse_json((*rows)[0].text(0)));
  EXPECT_EQ(*vault_->erase("ada", ""), 1);
  EXPECT_TRUE(vault_->records_of("ada")->empty());
  ASSERT_TRUE(vault_->put(backup, seed("ada"), 0));
  expect_refused(open_for("ada"), "was erased");
}

TEST_F(CustodyTest, machines_read_in_batches_with_one_trace) {
  std::vector<std::string> ids;
  for (int i = 0; i < 50; ++i) ids.push_back(put(fmt::format("s{}", i), fmt::format("s{}@example.org", i)));
  const auto before = log_->size();
  const auto fields = vault_->read("deliver-message", ids);
  ASSERT_TRUE(fields) << fields.error().message;
  for (int i = 0; i < 50; ++i) EXPECT_EQ((*fields)[static_cast<std::size_t>(i)], fmt::format("s{}@example.org", i));
  EXPECT_EQ(log_->size(), before + 1);
  const auto entry = parse_json(vault_->receipts("s7")->front().entry)->as_object();
  EXPECT_EQ(entry.at("kind").as_string(), "batch");
  EXPECT_EQ(entry.at("count").to_number<int>(), 50);
  expect_refused(vault_->read("abuse-case", {ids[0]}), "a purpose of people");
}

TEST_F(CustodyTest, the_roster_changes_through_the_log_alone_and_after_the_delay) {
  put("ada");
  const SoftPasskey newcomer(seed("newcomer"));
  const auto zoe = newcomer.member("zoe", Role::staff, "home");
  const auto attempt = [&] {
    const auto request = vault_->ask(zoe, "ada", "contact", "abuse-case", "case 8");
    EXPECT_TRUE(vault_->approve(request->id, newcomer.approve(*request, "zoe", "localhost")));
    approve(*request, "noor");
    return vault_->open_field(request->id);
  };
  expect_refused(attempt(), "zoe is not on the roster");
  ASSERT_TRUE(append(roster_entry(zoe, bucket_of(clock_.now())), true));
  EXPECT_TRUE(attempt());
  ASSERT_TRUE(append(roster_removal("zoe", bucket_of(clock_.now())), true));
  expect_refused(attempt(), "zoe is not on the roster");
}

TEST_F(CustodyTest, other_rules_are_refused_until_they_have_stood_in_the_log) {
  auto other = rules_;
  other.purposes["abuse-case"].per_reader = 1'000;
  const auto open_with_other = [&] {
    custodians_[0].reset();  // nobody asks it in this test
    return Custodian::open({.directory = folder_ / "c1",
                            .rules = other,
                            .key_seed = seed("c1"),
                            .fetch = [this](const std::string& path) { return read_file(folder_ / "log/" + path); }},
                           clock_);
  };
  const auto refused = open_with_other();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.find("not announced") != std::string::npos) << refused.error().message;
  ASSERT_TRUE(append(policy_entry(other, bucket_of(clock_.now())), true));
  open_custodian(0);  // reads the announcement under the old rules
  EXPECT_TRUE(open_with_other());
}

TEST_F(CustodyTest, rules_are_read_as_written) {
  const auto again = read_rules(rules_.text());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->text(), rules_.text());
  auto object = parse_json(rules_.text())->as_object();
  for (const char* member :
       {"custodians", "log", "witnesses", "rp_id", "zones", "delay_s", "purposes", "members", "v"}) {
    auto broken = object;
    broken.erase(member);
    EXPECT_FALSE(read_rules(json::serialize(broken))) << member;
  }
}

TEST(Shares, any_threshold_of_them_gives_the_key_back_and_fewer_do_not) {
  for (int count = 1; count <= 6; ++count) {
    for (int threshold = 1; threshold <= count; ++threshold) {
      const auto key = seed(fmt::format("{} {}", count, threshold));
      auto shares = split_key(key, count, threshold);
      while (std::cmp_greater(shares.size(), threshold)) shares.erase(shares.begin());
      EXPECT_EQ(*join_key(shares), key);
      // Masked alike they still do; masked differently they do not.
      std::map<int, Share> alike, different;
      for (const auto& [number, share] : shares) {
        alike[number] = add(share, share_of_zero(seed("mask"), number, threshold));
        different[number] = add(share, share_of_zero(seed(fmt::format("mask {}", number)), number, threshold));
      }
      EXPECT_EQ(*join_key(alike), key);
      if (threshold > 1) {
        EXPECT_NE(*join_key(different), key);
        shares.erase(shares.begin());
        EXPECT_NE(*join_key(shares), key);
      }
    }
  }
}

}  // namespace
}  // namespace vitrine::custody
