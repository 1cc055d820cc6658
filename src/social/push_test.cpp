#include "social/push.hpp"

#include "social/comments.hpp"
#include "social/notification_words.hpp"
#include "social/people.hpp"
#include "social/testing.hpp"

namespace vitrine::social {
namespace {

using Kind = NotificationKind;
using Outcome = PushOutcome::Kind;

std::string text_of(const crypto::P256Point& point) { return crypto::base64url(point); }

/// The messages are real; what a push service would say of them is said here.
class PushTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    comments_ = std::move(Comments::open(*database_, clock_).value());
    people_ = std::move(People::open(*database_, clock_).value());
    notifications_ = std::move(Notifications::open(*database_, clock_).value());
    PushOptions options{.identity = crypto::P256Key::generate(), .contact = "mailto:a@example.org"};
    options.send = [this](const PushMessage& message) {
      sent_.push_back(message);
      return says_;
    };
    options.quiet_now = [this](std::string_view account) { return account == quiet_; };
    options.threads = 0;
    push_ = std::move(Push::open(*database_, clock_, std::move(options)).value());
    ada_ = somebody("ada");
    bob_ = somebody("bob");
    cleo_ = somebody("cleo");
    clip_ = live_video_of(ada_);
  }
  void TearDown() override { notifications_.reset(); }

  Result<PushSubscription> subscribe(const SignIn& who, std::string_view endpoint = "https://push.example/ada") {
    clock_.advance(1);
    return push_->subscribe(who.account.id, who.token, endpoint, text_of(browser_.public_point()),
                            "BTBZMqHH6r4Tts7J_aSIgg");
  }
  void tell(Kind kind, const SignIn& to, const SignIn& by, std::string comment = "") {
    clock_.advance(1);
    notifications_->tell({kind, to.account.id, by.account.id, kind == Kind::follow ? "" : clip_, std::move(comment)});
    notifications_->settle();
  }
  /// How many messages are sent now.
  std::size_t delivered() {
    sent_.clear();
    EXPECT_TRUE(push_->deliver_due());
    return sent_.size();
  }
  std::size_t devices(const SignIn& who) { return push_->subscriptions(who.account.id, who.token)->size(); }

  crypto::P256Key browser_ = crypto::P256Key::generate();
  std::vector<PushMessage> sent_;
  PushOutcome says_{Outcome::taken, 0, ""};
  std::string quiet_ = "nobody";
  std::unique_ptr<Comments> comments_;
  std::unique_ptr<People> people_;
  std::unique_ptr<Notifications> notifications_;
  std::unique_ptr<Push> push_;
  SignIn ada_, bob_, cleo_;
  std::string clip_;
};
INSTANTIATE_TEST_SUITE_P(Engines, PushTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(PushTest, every_device_hears_of_it_once) {
  tell(Kind::follow, ada_, cleo_);
  ASSERT_TRUE(subscribe(ada_));
  ASSERT_TRUE(subscribe(ada_, "https://other.example/ada"));
  EXPECT_EQ(delivered(), 0u) << "what was before is no news";
  tell(Kind::follow, ada_, bob_);
  EXPECT_EQ(delivered(), 2u);
  EXPECT_EQ(sent_[0].endpoint.url, "https://push.example/ada");
  EXPECT_EQ(sent_[1].endpoint.url, "https://other.example/ada");
  EXPECT_NE(sent_[0].topic, sent_[1].topic) << "two devices of one person are not to be told for such";
  EXPECT_EQ(sent_[0].topic.size(), 32u);
  EXPECT_TRUE(sent_[0].authorization.starts_with("vapid t=")) << sent_[0].authorization;
  EXPECT_EQ(delivered(), 0u);
}

TEST_P(PushTest, the_same_about_the_same_waits_its_time) {
  ASSERT_TRUE(subscribe(ada_));
  ASSERT_TRUE(push_->set_unwanted(ada_.account.id, {}));
  tell(Kind::like, ada_, bob_);
  EXPECT_EQ(delivered(), 1u);
  tell(Kind::like, ada_, cleo_);
  EXPECT_EQ(delivered(), 0u);
  clock_.advance(push_hearts_again_ms);
  EXPECT_EQ(delivered(), 1u);
  clock_.advance(push_hearts_again_ms);
  EXPECT_EQ(delivered(), 0u);
  tell(Kind::like, ada_, somebody("dora"));
  EXPECT_EQ(delivered(), 1u) << "long after the last one: at once";
}

TEST_P(PushTest, who_joins_while_a_message_is_on_its_way_is_told_of_later) {
  ASSERT_TRUE(subscribe(ada_));
  tell(Kind::follow, ada_, bob_);
  const auto due = due_pushes(*database_, clock_.now(), 1).value();
  tell(Kind::follow, ada_, cleo_);
  ASSERT_TRUE(database_->transaction(store::Access::write, [&](store::Session& session) {
    return mark_pushed(session, due.at(0), clock_.now(), push_words_again_ms);
  }));
  EXPECT_EQ(delivered(), 0u);
  clock_.advance(push_words_again_ms);
  EXPECT_EQ(delivered(), 1u);
}

TEST_P(PushTest, not_what_was_read_or_is_not_wanted_there) {
  ASSERT_TRUE(subscribe(ada_));
  tell(Kind::like, ada_, bob_);
  EXPECT_EQ(delivered(), 0u) << "hearts wait behind the bell, until the person says otherwise";
  tell(Kind::follow, ada_, bob_);
  ASSERT_TRUE(notifications_->read(ada_.account.id, notifications_->page(ada_.account.id, "")->items[0].id));
  EXPECT_EQ(delivered(), 0u);
  ASSERT_TRUE(push_->set_unwanted(ada_.account.id, {Kind::mention}));
  EXPECT_EQ(*push_->unwanted(ada_.account.id), Unwanted{Kind::mention});
  tell(Kind::mention, ada_, bob_);
  EXPECT_EQ(delivered(), 0u);
  tell(Kind::follow, ada_, cleo_);
  ASSERT_TRUE(people_->block(ada_.account.id, cleo_.account.id, true));
  EXPECT_EQ(delivered(), 0u) << "blocked before it was sent";
}

TEST_P(PushTest, words_that_may_not_be_read_any_more_are_not_sent) {
  ASSERT_TRUE(subscribe(ada_));
  const auto comment = comments_->write({clip_, bob_.account.id, "a secret word", ""});
  tell(Kind::comment, ada_, bob_, comment->id);
  const auto read = [&] {
    std::optional<Notification> one;
    EXPECT_TRUE(database_->transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
      const auto due = due_pushes(*database_, clock_.now(), 1).value();
      VT_TRY(one, unread_notification(session, ada_.account.id, due.at(0).notification, clock_.now()));
      return {};
    }));
    return one->text;
  };
  EXPECT_EQ(read(), "a secret word");
  run("UPDATE comments SET state = 'held', shelf = 0 WHERE id = $1", {comment->id});
  EXPECT_EQ(read(), "");
  EXPECT_EQ(delivered(), 1u);
}

TEST_P(PushTest, what_the_push_service_says_is_heeded) {
  ASSERT_TRUE(subscribe(ada_));
  tell(Kind::follow, ada_, bob_);
  says_ = {Outcome::later, 0, "busy"};
  EXPECT_EQ(delivered(), 1u);
  EXPECT_EQ(delivered(), 0u);
  clock_.advance(push_retry_ms_min);
  says_ = {Outcome::later, 2 * 3600, "busy"};
  EXPECT_EQ(delivered(), 1u);
  clock_.advance(2 * push_retry_ms_min);
  EXPECT_EQ(delivered(), 0u) << "it asked for two hours";
  clock_.advance(2 * push_retry_ms_max);
  says_ = {Outcome::taken, 0, ""};
  EXPECT_EQ(delivered(), 1u);
  says_ = {Outcome::gone, 0, "410"};
  clock_.advance(push_words_again_ms);
  tell(Kind::reply, ada_, bob_);
  EXPECT_EQ(delivered(), 1u);
  EXPECT_EQ(devices(ada_), 0u);
}

TEST_P(PushTest, after_a_day_it_is_no_news) {
  ASSERT_TRUE(subscribe(ada_));
  tell(Kind::follow, ada_, bob_);
  says_ = {Outcome::later, 0, "busy"};
  std::size_t tries = 0;
  for (int hours = 0; hours < 30; ++hours, clock_.advance(push_retry_ms_max)) tries += delivered();
  EXPECT_EQ(tries, 24u);
  EXPECT_EQ(devices(ada_), 1u);
}

TEST_P(PushTest, a_subscription_that_is_refused_again_and_again_goes) {
  ASSERT_TRUE(subscribe(ada_));
  says_ = {Outcome::refused, 0, "400"};
  for (std::int64_t i = 0; i < push_refusals_max; ++i) {
    EXPECT_EQ(devices(ada_), 1u);
    clock_.advance(notification_gathers_ms);
    tell(Kind::follow, ada_, bob_);
    EXPECT_EQ(delivered(), 1u);
    EXPECT_EQ(delivered(), 0u) << "a message that is refused is not sent again";
  }
  EXPECT_EQ(devices(ada_), 0u);
}

TEST_P(PushTest, nothing_is_sent_while_it_is_quiet) {
  ASSERT_TRUE(subscribe(ada_));
  tell(Kind::follow, ada_, bob_);
  quiet_ = ada_.account.id;
  EXPECT_EQ(delivered(), 0u);
  quiet_ = "nobody";
  EXPECT_EQ(delivered(), 0u);
  clock_.advance(push_quiet_ms);
  EXPECT_EQ(delivered(), 1u);
}

TEST_P(PushTest, a_subscription_lives_as_long_as_its_session) {
  ASSERT_TRUE(subscribe(ada_));
  auto elsewhere = accounts_->start_session(ada_.account.id).value();
  ASSERT_TRUE(subscribe(elsewhere, "https://push.example/elsewhere"));
  const auto seen = push_->subscriptions(ada_.account.id, elsewhere.token).value();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_TRUE(seen[0].current);
  EXPECT_FALSE(seen[1].current);
  ASSERT_TRUE(accounts_->sign_out(elsewhere.token));
  EXPECT_EQ(devices(ada_), 1u);
  tell(Kind::follow, ada_, bob_);
  clock_.advance(session_lifetime_ms + 24LL * 3600 * 1000);
  tell(Kind::follow, ada_, cleo_);
  EXPECT_EQ(delivered(), 0u) << "a session that nobody used for so long is over";
  EXPECT_EQ(subscribe(elsewhere).error().code, Errc::unauthenticated);
  ASSERT_TRUE(accounts_->erase(ada_.account.id));
  EXPECT_TRUE(database_->query("SELECT 1 FROM push_subscriptions")->empty());
  EXPECT_TRUE(database_->query("SELECT 1 FROM push_queue")->empty());
}

TEST_P(PushTest, a_browser_is_whoevers_it_was_last) {
  const auto first = subscribe(ada_).value();
  ASSERT_TRUE(subscribe(bob_));
  EXPECT_EQ(devices(ada_), 0u);
  EXPECT_EQ(devices(bob_), 1u);
  EXPECT_EQ(push_->unsubscribe(ada_.account.id, first.id).error().code, Errc::not_found);
  const auto mine = subscribe(ada_).value();
  EXPECT_EQ(push_->unsubscribe(bob_.account.id, mine.id).error().code, Errc::not_found) << "one's own only";
  EXPECT_TRUE(push_->unsubscribe(ada_.account.id, mine.id));
}

TEST_P(PushTest, there_are_so_many_and_what_is_kept_of_them_is_not_readable) {
  for (std::size_t i = 0; i < push_subscriptions_max; ++i)
    ASSERT_TRUE(subscribe(ada_, fmt::format("https://push.example/{}", i)));
  EXPECT_EQ(subscribe(ada_, "https://push.example/more").error().code, Errc::conflict);
  EXPECT_TRUE(subscribe(ada_, "https://push.example/3")) << "one of them again";
  EXPECT_EQ(devices(ada_), push_subscriptions_max);
  EXPECT_EQ(subscribe(ada_, "https://push.example:8443/x").error().code, Errc::invalid_argument);
  EXPECT_EQ(subscribe(ada_, "http://push.example/x").error().code, Errc::invalid_argument);
  const auto rows = database_->query("SELECT sealed FROM push_subscriptions").value();
  for (const auto& row : rows) EXPECT_FALSE(crypto::text_of(row.blob(0)).contains("push.example"));
}

TEST(NotificationWords, say_who_did_what_and_where_it_is) {
  Notification one{.kind = Kind::like, .actors = {{"1", "ada", "Ada"}}, .count = 1, .video = "v1"};
  EXPECT_EQ(sentence_of(one), "\u2068Ada\u2069 liked your video");
  EXPECT_EQ(page_of(one), "/v/v1");
  one.actors.push_back({"2", "bob", ""});
  one.count = 2;
  EXPECT_EQ(sentence_of(one), "\u2068Ada\u2069 and \u2068@bob\u2069 liked your video");
  one.count = 3;
  EXPECT_EQ(sentence_of(one), "\u2068Ada\u2069, \u2068@bob\u2069 and 1 other liked your video");
  one.kind = Kind::follow;
  one.video.reset();
  EXPECT_EQ(sentence_of(one), "\u2068Ada\u2069, \u2068@bob\u2069 and 1 other follow you");
  EXPECT_EQ(page_of(one), "/@ada");
  EXPECT_EQ(page_of({.kind = Kind::reply, .video = "v1", .comment = "c1"}), "/v/v1?comment=c1");
  EXPECT_EQ(sentence_of({.kind = Kind::mention}), "Somebody mentioned you");
  EXPECT_EQ(shortened("añé", 3), "añé");
  EXPECT_EQ(shortened("añéo", 3), "añ…");
}

TEST(NotificationKinds, are_kept_as_names) {
  EXPECT_EQ(read_kinds(write_kinds({Kind::like, Kind::comment_like})), (Unwanted{Kind::like, Kind::comment_like}));
  EXPECT_EQ(read_kinds("comment_like nonsense"), Unwanted{Kind::comment_like});
  EXPECT_EQ(read_kinds(""), Unwanted{});
}

}  // namespace
}  // namespace vitrine::social
