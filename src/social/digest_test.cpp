#include "social/digest.hpp"

#include "social/comments.hpp"
#include "social/people.hpp"
#include "social/testing.hpp"

namespace vitrine::social {
namespace {

using Kind = NotificationKind;
constexpr TimeMs day_ms = 24LL * 3600 * 1000;

class DigestTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    notifications_ = std::move(Notifications::open(*database_, clock_).value());
    people_ = std::move(People::open(*database_, clock_).value());
    comments_ = std::move(Comments::open(*database_, clock_).value());
    digests_ = open({.public_url = "https://clips.example",
                     .send = [this](const Account& account, const DigestMail& mail) -> Result<void> {
                       if (!goes_out_) return fail(Errc::unavailable, "the mail server is away");
                       mails_.push_back({account.handle, mail});
                       return {};
                     },
                     .quiet_now = [this](std::string_view account) { return account == quiet_; }});
    ada_ = somebody("ada");
    bob_ = somebody("bob");
    clip_ = live_video_of(ada_);
  }
  void TearDown() override { notifications_.reset(); }

  std::unique_ptr<Digests> open(DigestOptions options) {
    options.by_itself = false;
    return std::move(Digests::open(*database_, clock_, *accounts_, std::move(options)).value());
  }
  Account account_of(const SignIn& who) { return accounts_->by_id(who.account.id).value(); }
  void confirm(const SignIn& who, EmailState state = EmailState::verified) {
    ASSERT_TRUE(database_->transaction(store::Access::write, [&](store::Session& session) {
      return accounts_->set_email(session, who.account.id, state);
    }));
  }
  void tell(Kind kind, const SignIn& to, const SignIn& by, std::string comment = "") {
    clock_.advance(1);
    notifications_->tell({kind, to.account.id, by.account.id, kind == Kind::follow ? "" : clip_, std::move(comment)});
    notifications_->settle();
  }
  void choose(DigestRhythm rhythm) { ASSERT_TRUE(digests_->set_rhythm(account_of(ada_), rhythm)); }
  std::size_t sent() {
    mails_.clear();
    EXPECT_TRUE(digests_->send_due());
    return mails_.size();
  }
  std::string token() const {
    const auto& text = mails_.at(0).second.unsubscribe;
    return text.substr(text.find("token=") + 6);
  }

  std::vector<std::pair<std::string, DigestMail>> mails_;
  bool goes_out_ = true;
  std::string quiet_ = "nobody";
  std::unique_ptr<Notifications> notifications_;
  std::unique_ptr<People> people_;
  std::unique_ptr<Comments> comments_;
  std::unique_ptr<Digests> digests_;
  SignIn ada_, bob_;
  std::string clip_;
};
INSTANTIATE_TEST_SUITE_P(Engines, DigestTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(DigestTest, tells_of_what_is_new_and_of_nothing_twice) {
  confirm(ada_);
  EXPECT_EQ(*digests_->rhythm(ada_.account.id), DigestRhythm::never);
  const auto comment = comments_->write({clip_, bob_.account.id, "what a\nboat", ""});
  tell(Kind::comment, ada_, bob_, comment->id);
  tell(Kind::follow, ada_, bob_);
  EXPECT_EQ(sent(), 0u) << "nobody asked for it";
  choose(DigestRhythm::daily);
  ASSERT_EQ(sent(), 1u);
  const auto& [to, mail] = mails_[0];
  EXPECT_EQ(to, "ada");
  EXPECT_EQ(mail.title, "2 new notifications");
  EXPECT_TRUE(
      mail.text.starts_with("Hello ada,\n\nthis waits for you:\n\n* \u2068bob\u2069 follows you\n"
                            "  https://clips.example/@bob\n\n* \u2068bob\u2069 commented on your video\n"
                            "  \"what a boat\"\n"))
      << mail.text;
  EXPECT_TRUE(mail.text.contains(fmt::format("/v/{}?comment={}\n", clip_, comment->id)));
  EXPECT_TRUE(mail.unsubscribe.starts_with("https://clips.example/api/v1/unsubscribe?token="));
  clock_.advance(day_ms);
  EXPECT_EQ(sent(), 0u) << "nothing is new";
  tell(Kind::like, ada_, bob_);
  EXPECT_EQ(sent(), 0u) << "not before its time";
  clock_.advance(day_ms);
  ASSERT_EQ(sent(), 1u);
  EXPECT_EQ(mails_[0].second.title, "One new notification");
}

TEST_P(DigestTest, leaves_out_what_was_read_blocked_or_held) {
  confirm(ada_);
  const auto cleo = somebody("cleo");
  const auto comment = comments_->write({clip_, bob_.account.id, "a secret word", ""});
  tell(Kind::comment, ada_, bob_, comment->id);
  tell(Kind::follow, ada_, cleo);
  ASSERT_TRUE(people_->block(ada_.account.id, cleo.account.id, true));
  run("UPDATE comments SET state = 'held', shelf = 0 WHERE id = $1", {comment->id});
  choose(DigestRhythm::weekly);
  ASSERT_EQ(sent(), 1u);
  EXPECT_FALSE(mails_[0].second.text.contains("secret"));
  EXPECT_FALSE(mails_[0].second.text.contains("cleo"));
  tell(Kind::like, ada_, bob_);
  ASSERT_TRUE(notifications_->read(ada_.account.id, notifications_->page(ada_.account.id, "")->items[0].id));
  clock_.advance(7 * day_ms);
  EXPECT_EQ(sent(), 0u);
}

TEST_P(DigestTest, goes_to_verified_addresses_only_and_not_while_it_is_quiet) {
  tell(Kind::follow, ada_, bob_);
  EXPECT_EQ(digests_->set_rhythm(account_of(ada_), DigestRhythm::daily).error().code, Errc::conflict);
  confirm(ada_);
  choose(DigestRhythm::daily);
  confirm(ada_, EmailState::none);
  EXPECT_EQ(sent(), 0u) << "the address was taken away";
  confirm(ada_);
  clock_.advance(day_ms);
  quiet_ = ada_.account.id;
  EXPECT_EQ(sent(), 0u);
  quiet_ = "nobody";
  clock_.advance(digest_retry_ms);
  EXPECT_EQ(sent(), 1u);
}

TEST_P(DigestTest, what_did_not_go_out_goes_an_hour_later) {
  confirm(ada_);
  tell(Kind::follow, ada_, bob_);
  choose(DigestRhythm::daily);
  goes_out_ = false;
  EXPECT_EQ(digests_->send_due().error().code, Errc::unavailable);
  EXPECT_TRUE(digests_->send_due()) << "not at once";
  goes_out_ = true;
  clock_.advance(digest_retry_ms);
  EXPECT_EQ(sent(), 1u);
}

TEST_P(DigestTest, its_link_ends_it_once) {
  confirm(ada_);
  tell(Kind::follow, ada_, bob_);
  choose(DigestRhythm::daily);
  ASSERT_EQ(sent(), 1u);
  const auto link = token();
  auto changed = link;
  changed.back() = changed.back() == 'A' ? 'B' : 'A';
  for (const auto& wrong : {std::string(), std::string("."), std::string(".."), std::string("x.1.y"), changed,
                            link.substr(0, link.size() - 2), std::string(10'000, '.')})
    EXPECT_EQ(digests_->unsubscribe(wrong).error().code, Errc::invalid_argument) << wrong.substr(0, 80);
  EXPECT_TRUE(digests_->unsubscribe(link));
  EXPECT_EQ(*digests_->rhythm(ada_.account.id), DigestRhythm::never);
  EXPECT_EQ(digests_->unsubscribe(link).error().code, Errc::gone);
  choose(DigestRhythm::weekly);
  EXPECT_EQ(digests_->unsubscribe(link).error().code, Errc::gone) << "asked for anew: another link";
  EXPECT_EQ(*digests_->rhythm(ada_.account.id), DigestRhythm::weekly);
}

TEST_P(DigestTest, cannot_be_asked_for_where_no_mail_is_sent) {
  confirm(ada_);
  const auto without = open({.public_url = "https://clips.example"});
  EXPECT_EQ(without->set_rhythm(account_of(ada_), DigestRhythm::daily).error().code, Errc::unavailable);
  EXPECT_TRUE(without->set_rhythm(account_of(ada_), DigestRhythm::never));
  EXPECT_EQ(read_rhythm("hourly").error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace vitrine::social
