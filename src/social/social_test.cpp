#include "base/crypto.hpp"
#include "social/mail_codes.hpp"
#include "social/testing.hpp"

namespace vitrine::social {
namespace {

INSTANTIATE_TEST_SUITE_P(Engines, SocialTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(SocialTest, signing_up_in_and_out) {
  const auto ada = somebody("ada");
  EXPECT_EQ((*accounts_->by_token(ada.token))->account.handle, "ada");
  EXPECT_EQ(accounts_->sign_up({.handle = "ada"}, password).error().code, Errc::conflict);
  EXPECT_EQ(accounts_->sign_in("ada", "wrong password", "net").error().code, Errc::unauthenticated);
  EXPECT_EQ(accounts_->sign_in("nobody", password, "net").error().code, Errc::unauthenticated);
  const auto again = accounts_->sign_in("ada", password, "net");
  ASSERT_TRUE(again);
  EXPECT_NE(again->token, ada.token);
  ASSERT_TRUE(accounts_->sign_out(ada.token));
  EXPECT_FALSE(*accounts_->by_token(ada.token));
  EXPECT_TRUE(*accounts_->by_token(again->token));
  ASSERT_TRUE(accounts_->sign_out_everywhere(ada.account.id));
  EXPECT_FALSE(*accounts_->by_token(again->token));
}

TEST_P(SocialTest, sessions_end_when_they_are_not_used) {
  const auto ada = somebody("ada");
  clock_.advance(session_lifetime_ms - 60'000);
  ASSERT_TRUE(*accounts_->by_token(ada.token));
  clock_.advance(session_lifetime_ms + 60'000);
  EXPECT_FALSE(*accounts_->by_token(ada.token));
  EXPECT_FALSE(*accounts_->by_token(""));
  EXPECT_FALSE(*accounts_->by_token(std::string(10'000, 'x')));
}

TEST_P(SocialTest, guessing_gets_slower_and_stays_per_network) {
  somebody("ada");
  for (int i = 0; i < 6; ++i) (void)accounts_->sign_in("ada", "wrong password", "guesser");
  const auto refused = accounts_->sign_in("ada", password, "guesser");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::too_many_requests);
  EXPECT_GT(accounts_->retry_after_s("ada", "guesser"), 0);
  EXPECT_TRUE(accounts_->sign_in("ada", password, "home")) << "its owner is not locked out";
  clock_.advance(16 * 60 * 1000);
  EXPECT_TRUE(accounts_->sign_in("ada", password, "guesser"));
}

TEST_P(SocialTest, names_and_texts_have_limits) {
  for (const std::string_view handle :
       {"", "ab", "Ada", "a b c", "ä_ö", "abcdefghijklmnopqrstuvwxy", "../etc", "a\nb"}) {
    EXPECT_EQ(accounts_->sign_up({.handle = std::string(handle)}, password).error().code, Errc::invalid_argument)
        << handle;
  }
  EXPECT_FALSE(accounts_->sign_up({.handle = "ada"}, "short"));
  EXPECT_FALSE(accounts_->sign_up({.handle = "ada"}, std::string(129, 'x')));
  EXPECT_FALSE(accounts_->sign_up({.handle = "ada", .display_name = std::string(51, 'x')}, password));
  EXPECT_FALSE(accounts_->sign_up({.handle = "ada", .display_name = "\xff\xfe"}, password));
  EXPECT_TRUE(accounts_->sign_up({.handle = "ada", .display_name = "Ada 🎬 漢字"}, password));
}

TEST_P(SocialTest, changing_a_password_ends_other_sessions) {
  const auto ada = somebody("ada");
  const auto other = accounts_->sign_in("ada", password, "net");
  ASSERT_TRUE(other);
  EXPECT_FALSE(accounts_->change_password(ada.account.id, "wrong password", "another password", ada.token));
  ASSERT_TRUE(accounts_->change_password(ada.account.id, password, "another password", ada.token));
  EXPECT_TRUE(*accounts_->by_token(ada.token));
  EXPECT_FALSE(*accounts_->by_token(other->token));
  EXPECT_FALSE(accounts_->sign_in("ada", password, "net"));
  EXPECT_TRUE(accounts_->sign_in("ada", "another password", "net"));
}

TEST_P(SocialTest, an_erased_account_leaves_nothing) {
  const auto ada = somebody("ada");
  const auto bob = somebody("bob");
  const std::string clip = live_video_of(ada);
  ASSERT_TRUE(videos_->like(bob.account.id, clip, true));
  ASSERT_TRUE(follows_->set(ada.account.id, bob.account.id, true));
  ASSERT_TRUE(follows_->set(bob.account.id, ada.account.id, true));
  ASSERT_TRUE(accounts_->erase(ada.account.id));
  EXPECT_FALSE(*accounts_->by_token(ada.token));
  EXPECT_FALSE(accounts_->by_handle("ada"));
  EXPECT_FALSE(videos_->by_id(clip));
  EXPECT_EQ(follows_->counts(bob.account.id)->followers, 0);
  EXPECT_EQ(follows_->counts(bob.account.id)->following, 0);
  EXPECT_TRUE(accounts_->sign_up({.handle = "ada"}, password)) << "the handle is free again";
}

TEST_P(SocialTest, a_sessions_secret_is_for_whoever_has_its_token) {
  const auto ada = somebody("ada");
  EXPECT_EQ((*accounts_->by_token(ada.token))->secret, "secret of ada ");
  const auto elsewhere = accounts_->sign_in("ada", password, "net");
  EXPECT_EQ((*accounts_->by_token(elsewhere->token))->secret, "") << "a new session has to be given it";
  ASSERT_TRUE(accounts_->keep_secret(ada.account.id, elsewhere->token, "another"));
  EXPECT_EQ((*accounts_->by_token(elsewhere->token))->secret, "another");
  EXPECT_EQ((*accounts_->by_token(ada.token))->secret, "") << "an older one is not left behind";
  const auto rows = *database_->query("SELECT secret FROM sessions WHERE secret IS NOT NULL");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(crypto::text_of(rows[0].blob(0)).find("another"), std::string_view::npos);
}

TEST_P(SocialTest, ages) {
  constexpr TimeMs today = 1'790'000'000'000;  // 2026-09-21
  EXPECT_EQ(band_of("2008-09-21", today), AgeBand::adult);
  EXPECT_EQ(band_of("2008-09-22", today), AgeBand::minor);
  EXPECT_EQ(band_of("2013-09-21", today), AgeBand::minor);
  EXPECT_EQ(band_of("2013-09-22", today).error().code, Errc::forbidden);
  EXPECT_EQ(band_of("1896-01-01", today), AgeBand::adult);
  for (const char* bad :
       {"", "2001-02-29", "2001-1-1", "2030-01-01", "1801-01-01", "01-01-2001", "2001-13-01", "+201-01-01"})
    EXPECT_EQ(band_of(bad, today).error().code, Errc::invalid_argument) << bad;
  EXPECT_EQ(accounts_->sign_up({.handle = "kid", .birth_date = "2020-01-01"}, password).error().code, Errc::forbidden);
  EXPECT_FALSE(accounts_->by_handle("kid"));
  EXPECT_EQ(accounts_->sign_up({.handle = "teen", .birth_date = "2011-01-01"}, password)->account.age_band,
            AgeBand::minor);
  EXPECT_EQ(accounts_->by_handle("teen")->age_band, AgeBand::minor);
}

TEST(Age, people_come_of_age_on_a_day) {
  EXPECT_EQ(adult_from("2008-09-21"), 1'789'948'800'000);
  EXPECT_EQ(adult_from("2008-02-29").value(), adult_from("2008-03-01").value()) << "2026 has no 29 February";
  EXPECT_FALSE(adult_from("2008-13-01"));
}

TEST_P(SocialTest, codes_and_links_by_mail_are_good_once) {
  MailCodes codes(*database_, clock_);
  const auto ada = somebody("ada");
  const auto send = [&] {
    std::string code;
    EXPECT_TRUE(database_->transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
      VT_TRY(code, codes.new_code(session, ada.account.id));
      return {};
    }));
    return code;
  };
  auto code = send();
  EXPECT_EQ(code.size(), static_cast<std::size_t>(mail_code_digits));
  EXPECT_EQ(codes.check_code(ada.account.id, "wrong").error().code, Errc::unprocessable);
  EXPECT_TRUE(codes.check_code(ada.account.id, code));
  EXPECT_EQ(codes.check_code(ada.account.id, code).error().code, Errc::gone);
  code = send();
  for (int i = 0; i < mail_code_tries_max; ++i) EXPECT_FALSE(codes.check_code(ada.account.id, "wrong"));
  EXPECT_EQ(codes.check_code(ada.account.id, code).error().code, Errc::too_many_requests);
  code = send();
  clock_.advance(mail_code_lifetime_ms);
  EXPECT_EQ(codes.check_code(ada.account.id, code).error().code, Errc::gone);

  const auto link = codes.new_recovery(ada.account.id);
  EXPECT_EQ(codes.new_recovery(ada.account.id).error().code, Errc::too_many_requests) << "no flood of mail";
  EXPECT_EQ(codes.use_recovery(*link), ada.account.id);
  EXPECT_EQ(codes.use_recovery(*link).error().code, Errc::gone);
  ASSERT_TRUE(accounts_->reset_password(ada.account.id, "another long password"));
  EXPECT_FALSE(*accounts_->by_token(ada.token)) << "all sessions end";
  EXPECT_TRUE(accounts_->sign_in("ada", "another long password", "net"));
}

TEST_P(SocialTest, a_video_goes_live_once_and_may_be_refused_before) {
  const auto ada = somebody("ada");
  const std::string id = video_of(ada, "At the sea #Waves #sea");
  EXPECT_TRUE(videos_->create({id, ada.account.id, "again", {}, {}})) << "the same id again changes nothing";
  EXPECT_EQ(videos_->by_id(id)->caption, "At the sea #Waves #sea");
  EXPECT_EQ(videos_->by_id(id)->state, VideoState::processing);
  EXPECT_TRUE(videos_->live(std::vector<std::string>{id})->empty());
  ASSERT_TRUE(videos_->publish(id, {.duration_ms = 1000, .width = 90, .height = 160}));
  ASSERT_TRUE(videos_->fail(id, {"late", "too late to fail"}));
  EXPECT_EQ(videos_->by_id(id)->state, VideoState::live);
  const std::string bad = video_of(ada);
  ASSERT_TRUE(videos_->fail(bad, {"damaged", "Export it again."}));
  EXPECT_EQ(videos_->by_id(bad)->failure->detail, "Export it again.");
  EXPECT_EQ(videos_->publish(new_id(1), {}).error().code, Errc::not_found);
}

TEST_P(SocialTest, likes_count_each_account_once) {
  const auto ada = somebody("ada");
  const auto bob = somebody("bob");
  const std::string clip = live_video_of(ada);
  EXPECT_EQ(videos_->like(bob.account.id, clip, true).value_or(-1), 1);
  EXPECT_EQ(videos_->like(bob.account.id, clip, true).value_or(-1), 1);
  EXPECT_EQ(videos_->like(ada.account.id, clip, true).value_or(-1), 2);
  EXPECT_EQ(videos_->like(bob.account.id, clip, false).value_or(-1), 1);
  EXPECT_EQ(videos_->like(bob.account.id, clip, false).value_or(-1), 1);
  const std::vector<std::string> ids = {clip};
  EXPECT_TRUE(videos_->liked(ada.account.id, ids)->contains(clip));
  EXPECT_FALSE(videos_->liked(bob.account.id, ids)->contains(clip));
}

TEST_P(SocialTest, pages_of_a_creator_are_whole_and_a_broken_cursor_is_refused) {
  const auto ada = somebody("ada");
  for (int i = 0; i < 7; ++i) live_video_of(ada);
  video_of(ada);
  std::set<std::string> seen;
  std::string cursor;
  for (int page = 0; page < 10; ++page) {
    const auto videos = videos_->by_creator(ada.account.id, "", cursor, 3);
    ASSERT_TRUE(videos);
    for (const auto& one : videos->items) EXPECT_TRUE(seen.insert(one.id).second);
    if (!videos->next) break;
    cursor = *videos->next;
  }
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_EQ(videos_->live_count(ada.account.id, "").value_or(-1), 7);
  for (const std::string_view bad : {"x", "'; DROP TABLE videos", "\xff", "01hf7yat02mktej5c58cfy57f4x"}) {
    EXPECT_FALSE(videos_->by_creator(ada.account.id, "", bad, 3)) << bad;
  }
}

TEST_P(SocialTest, counts_are_taken_over_once) {
  const auto ada = somebody("ada");
  const std::string clip = live_video_of(ada);
  const std::vector<Counted> counts = {{clip, 5, 2}};
  ASSERT_TRUE(videos_->count(counts, 10));
  EXPECT_EQ(videos_->counted_until().value_or(-1), 10);
  EXPECT_EQ(videos_->by_id(clip)->views, 5);
  EXPECT_EQ(videos_->by_id(clip)->shares, 2);
}

TEST_P(SocialTest, follows_are_idempotent_and_nobody_follows_oneself) {
  const auto ada = somebody("ada");
  const auto bob = somebody("bob");
  EXPECT_TRUE(follows_->set(ada.account.id, bob.account.id, true));
  EXPECT_TRUE(follows_->set(ada.account.id, bob.account.id, true));
  EXPECT_EQ(follows_->counts(bob.account.id)->followers, 1);
  EXPECT_EQ(*follows_->followed_among(ada.account.id, {ada.account.id, bob.account.id}), std::set{bob.account.id});
  EXPECT_TRUE(*follows_->follows(ada.account.id, bob.account.id));
  EXPECT_FALSE(follows_->set(ada.account.id, ada.account.id, true));
  EXPECT_TRUE(follows_->set(ada.account.id, bob.account.id, false));
  EXPECT_EQ(follows_->counts(bob.account.id)->followers, 0);
}

TEST_P(SocialTest, topics_are_the_tags_of_live_videos) {
  const auto ada = somebody("ada");
  const auto publish = [&](std::string caption) {
    const auto id = video_of(ada, std::move(caption));
    EXPECT_TRUE(videos_->publish(id, {.duration_ms = 1000, .width = 90, .height = 160, .poster_key = "p"}));
    return id;
  };
  publish("#sea #boats");
  const auto second = publish("#sea #seals");
  video_of(ada, "#sea, still processing");
  const auto told = [&](std::string_view prefix, std::size_t limit) {
    std::string text;
    const auto topics = videos_->topics(prefix, limit);
    for (const auto& topic : topics.value()) text += fmt::format("{} {}, ", topic.tag, topic.videos);
    return text;
  };
  EXPECT_EQ(told("", 10), "sea 2, boats 1, seals 1, ");
  EXPECT_EQ(told("sea", 10), "sea 2, seals 1, ");
  EXPECT_EQ(told("sea", 1), "sea 2, ");
  EXPECT_EQ(told("x", 10), "");
  ASSERT_TRUE(videos_->remove(second));
  clock_.advance(topics_age_ms_max + 1);
  EXPECT_EQ(told("", 10), "boats 1, sea 1, ");
}

TEST(Texts, tags_come_from_both_places_and_are_checked) {
  const std::vector<std::string> given = {"Sea", "sea"};
  const auto tags = checked_tags(given, "hello #waves and #Sea");
  ASSERT_TRUE(tags);
  EXPECT_EQ(tags->size(), 2u);
  const std::vector<std::string> odd = {"<script>"};
  EXPECT_FALSE(checked_tags(odd, ""));
  EXPECT_FALSE(checked_text(std::string(501, 'x'), caption_characters_max, "a caption"));
  EXPECT_FALSE(checked_text("\xc3\x28", caption_characters_max, "a caption"));
}

}  // namespace
}  // namespace vitrine::social
