#include "social/notifications.hpp"

#include "base/id.hpp"
#include "social/comments.hpp"
#include "social/notification_words.hpp"
#include "social/people.hpp"
#include "social/testing.hpp"

namespace vitrine::social {
namespace {

using Kind = NotificationKind;

class NotificationsTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    comments_ = std::move(Comments::open(*database_, clock_).value());
    people_ = std::move(People::open(*database_, clock_).value());
    notifications_ = std::move(Notifications::open(*database_, clock_).value());
    ada_ = somebody("ada");
    bob_ = somebody("bob");
    cleo_ = somebody("cleo");
    clip_ = live_video_of(ada_);
  }
  void TearDown() override { notifications_.reset(); }

  void tell(Kind kind, const SignIn& to, const SignIn& by, std::string video = "", std::string comment = "") {
    clock_.advance(1);
    notifications_->tell({kind, to.account.id, by.account.id, std::move(video), std::move(comment)});
    notifications_->settle();
  }
  NotificationPage page(const SignIn& of) { return notifications_->page(of.account.id, "").value(); }
  /// "like 2: bob, ada; …", the newest first.
  std::string told(const SignIn& of) {
    std::string text;
    for (const auto& one : page(of).items) {
      text += fmt::format("{}{} {}:", one.read ? "read " : "", name(one.kind), one.count);
      for (const auto& person : one.actors) text += " " + person.handle;
      text += one.text.empty() ? "; " : fmt::format(" \"{}\"; ", one.text);
    }
    return text;
  }
  std::string extra(int number) {
    const std::string id = fmt::format("{:026}", number);
    run("INSERT INTO accounts (id, handle, display_name, bio, created_at) VALUES ($1, $1, 'x', '', 0)", {id});
    return id;
  }

  std::unique_ptr<Comments> comments_;
  std::unique_ptr<People> people_;
  std::unique_ptr<Notifications> notifications_;
  SignIn ada_, bob_, cleo_;
  std::string clip_;
};
INSTANTIATE_TEST_SUITE_P(Engines, NotificationsTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(NotificationsTest, moderation_tells_without_a_name_and_cannot_be_declined) {
  const std::string decision = new_id(clock_.now());
  ASSERT_TRUE(notifications_->set_unwanted(ada_.account.id, {notification_kinds.begin(), notification_kinds.end()}));
  notifications_->tell(news(Kind::decision, ada_.account.id, decision));
  notifications_->tell(news(Kind::decision, "", decision));
  notifications_->settle();
  EXPECT_EQ(told(ada_), "decision 0:; ");
  EXPECT_EQ(page(ada_).items.front().matter, decision);
  EXPECT_EQ(*notifications_->read(ada_.account.id, page(ada_).items.front().id), 0);
  clock_.advance(1);
  notifications_->tell(news(Kind::decision, ada_.account.id, decision));
  notifications_->settle();
  EXPECT_EQ(told(ada_), "decision 0:; read decision 0:; ") << "it has changed since it was read";
}

TEST_P(NotificationsTest, news_of_several_reports_is_one_until_it_is_read) {
  const auto tell = [&](std::string_view report) {
    notifications_->tell(news(Kind::report, ada_.account.id, report));
    notifications_->settle();
  };
  tell("first");
  tell("first");
  ASSERT_EQ(told(ada_), "report 0:; ");
  EXPECT_EQ(page(ada_).items.front().matter, "first");
  EXPECT_EQ(sentence_of(page(ada_).items.front()), "There is news of what you reported");
  tell("second");
  tell("first");
  ASSERT_EQ(told(ada_), "report 0:; ");
  EXPECT_EQ(page(ada_).items.front().matter, std::nullopt);
  EXPECT_EQ(sentence_of(page(ada_).items.front()), "There is news of several of your reports");
  ASSERT_TRUE(notifications_->read(ada_.account.id, page(ada_).items.front().id));
  clock_.advance(1);
  tell("third");
  EXPECT_EQ(told(ada_), "report 0:; read report 0:; ");
  EXPECT_EQ(page(ada_).items.front().matter, "third");
}

TEST_P(NotificationsTest, a_flood_of_likes_is_one_with_a_count) {
  constexpr int people = 300;
  for (int i = 0; i < people; ++i) notifications_->tell({Kind::like, ada_.account.id, extra(i), clip_, ""});
  notifications_->settle();
  tell(Kind::like, ada_, bob_, clip_);
  tell(Kind::like, ada_, bob_, clip_);
  tell(Kind::like, ada_, ada_, clip_);
  const auto all = page(ada_);
  ASSERT_EQ(all.items.size(), 1u);
  EXPECT_EQ(all.items[0].count, people + 1);
  EXPECT_EQ(all.items[0].actors.size(), notification_people_shown_max);
  EXPECT_EQ(all.items[0].actors[0].handle, "bob");
  EXPECT_EQ(all.items[0].video, clip_);
  EXPECT_EQ(all.unread, 1);
}

TEST_P(NotificationsTest, they_gather_by_kind_and_thing_until_read_or_a_day_old) {
  const auto other_clip = live_video_of(ada_);
  tell(Kind::like, ada_, bob_, clip_);
  tell(Kind::follow, ada_, bob_);
  tell(Kind::like, ada_, bob_, other_clip);
  tell(Kind::like, ada_, cleo_, clip_);
  EXPECT_EQ(told(ada_), "like 1: bob; follow 1: bob; like 2: cleo bob; ");
  EXPECT_EQ(*notifications_->read(ada_.account.id, page(ada_).items[1].id), 1) << "the follow and the older like";
  tell(Kind::follow, ada_, bob_);
  EXPECT_EQ(page(ada_).unread, 1) << "who follows again is heard of once a day";
  tell(Kind::follow, ada_, cleo_);
  EXPECT_EQ(told(ada_), "follow 1: cleo; like 1: bob; read follow 1: bob; read like 2: cleo bob; ");
  clock_.advance(notification_gathers_ms);
  tell(Kind::follow, ada_, bob_);
  EXPECT_EQ(page(ada_).items[0].count, 1) << "a new day";
  EXPECT_EQ(notifications_->read(bob_.account.id, page(ada_).items[0].id), 0) << "one's own only";
  EXPECT_EQ(page(ada_).unread, 3);
  EXPECT_EQ(notifications_->read(ada_.account.id, "x").error().code, Errc::invalid_argument);
}

TEST_P(NotificationsTest, words_come_with_them_while_they_are_there) {
  const auto first = comments_->write({clip_, bob_.account.id, "hello", ""});
  const auto second = comments_->write({clip_, cleo_.account.id, "hi", ""});
  tell(Kind::comment, ada_, bob_, clip_, first->id);
  tell(Kind::comment, ada_, cleo_, clip_, second->id);
  tell(Kind::comment_like, bob_, cleo_, clip_, first->id);
  EXPECT_EQ(told(ada_), "comment 2: cleo bob \"hi\"; ");
  EXPECT_EQ(told(bob_), "comment_like 1: cleo \"hello\"; ");
  ASSERT_TRUE(comments_->remove(cleo_.account.id, second->id));
  EXPECT_EQ(told(ada_), "comment 2: cleo bob; ");
  ASSERT_TRUE(comments_->remove(bob_.account.id, first->id));
  EXPECT_EQ(told(bob_), "");
  tell(Kind::reply, ada_, bob_, clip_, new_id(1));
  EXPECT_EQ(told(ada_), "comment 2: cleo bob; ") << "of a comment that is gone nobody is told";
}

TEST_P(NotificationsTest, mentions_are_told_to_those_who_may_be_mentioned) {
  const auto teen = somebody_young("teen");
  const auto comment = comments_->write({clip_, bob_.account.id, "@ada @cleo @teen @bob look", ""});
  ASSERT_TRUE(notifications_->tell_mentioned(comment->text, bob_.account.id, clip_, comment->id, {ada_.account.id}));
  notifications_->settle();
  EXPECT_EQ(told(cleo_), "mention 1: bob \"@ada @cleo @teen @bob look\"; ");
  EXPECT_EQ(told(ada_), "") << "told already as the creator";
  EXPECT_EQ(told(teen), "") << "strangers do not reach minors";
  EXPECT_EQ(told(bob_), "");
  tell(Kind::like, teen, bob_, clip_);
  tell(Kind::reply, teen, bob_, clip_);
  EXPECT_EQ(told(teen), "like 1: bob; ") << "a like says nothing, an answer does";
}

TEST_P(NotificationsTest, not_from_the_muted_the_blocked_or_of_unwanted_kinds) {
  tell(Kind::like, ada_, bob_, clip_);
  tell(Kind::like, ada_, cleo_, clip_);
  tell(Kind::follow, ada_, bob_);
  ASSERT_TRUE(people_->mute(ada_.account.id, bob_.account.id, true));
  EXPECT_EQ(told(ada_), "like 1: cleo; ") << "those that are there go as well";
  tell(Kind::follow, ada_, bob_);
  EXPECT_EQ(told(ada_), "like 1: cleo; ");
  ASSERT_TRUE(people_->block(cleo_.account.id, ada_.account.id, true));
  EXPECT_EQ(told(ada_), "");
  tell(Kind::like, ada_, cleo_, clip_);
  EXPECT_EQ(told(ada_), "");
  ASSERT_TRUE(people_->mute(ada_.account.id, bob_.account.id, false));
  ASSERT_TRUE(notifications_->set_unwanted(ada_.account.id, {Kind::like, Kind::mention}));
  EXPECT_EQ(*notifications_->unwanted(ada_.account.id), (Unwanted{Kind::like, Kind::mention}));
  tell(Kind::like, ada_, bob_, clip_);
  tell(Kind::comment_like, ada_, bob_, clip_);
  EXPECT_EQ(told(ada_), "comment_like 1: bob; ");
}

TEST_P(NotificationsTest, what_the_service_itself_tells_has_nobody_and_gathers_with_nothing) {
  const auto tell_it = [this] {
    clock_.advance(1);
    notifications_->tell({Kind::follow, ada_.account.id, "", "", ""});
    notifications_->settle();
  };
  tell_it();
  tell_it();
  EXPECT_EQ(told(ada_), "follow 0:; follow 0:; ");
  ASSERT_TRUE(notifications_->set_unwanted(ada_.account.id, {Kind::follow}));
  tell_it();
  EXPECT_EQ(page(ada_).items.size(), 2u);
}

TEST_P(NotificationsTest, an_erased_account_leaves_all_of_them) {
  tell(Kind::like, ada_, bob_, clip_);
  tell(Kind::like, ada_, cleo_, clip_);
  tell(Kind::follow, ada_, bob_);
  ASSERT_TRUE(accounts_->erase(bob_.account.id));
  EXPECT_EQ(told(ada_), "like 1: cleo; ");
  ASSERT_TRUE(videos_->remove(clip_));
  EXPECT_EQ(told(ada_), "");
}

TEST_P(NotificationsTest, there_are_at_most_so_many_and_old_ones_go) {
  for (int i = 0; i < 30; ++i) {
    clock_.advance(notification_gathers_ms);
    tell(Kind::follow, ada_, bob_);
    ASSERT_TRUE(notifications_->read(ada_.account.id, page(ada_).items[0].id));
  }
  const auto first = page(ada_);
  ASSERT_TRUE(first.next);
  EXPECT_EQ(notifications_->page(ada_.account.id, *first.next)->items.size(), 10u);
  EXPECT_EQ(notifications_->page(ada_.account.id, "x").error().code, Errc::invalid_argument);
  for (int i = 0; i < notifications_per_account_max; ++i) {
    clock_.advance(1);
    run("INSERT INTO notifications (id, account_id, kind, about, people, created_at, unread) "
        "VALUES ($1, $2, 'follow', '', 1, 0, 0)",
        {new_id(clock_.now()), ada_.account.id});
  }
  clock_.advance(notification_gathers_ms);
  tell(Kind::follow, ada_, bob_);
  const auto count = [&] { return (*database_->query("SELECT COUNT(*) FROM notifications"))[0].integer(0); };
  EXPECT_EQ(count(), notifications_per_account_max);
  clock_.advance(notification_lifetime_ms + 1);
  EXPECT_TRUE(page(ada_).items.empty()) << "not shown any more, though still there";
  while (count() > 0) ASSERT_TRUE(notifications_->prune());
}

TEST_P(NotificationsTest, watchers_hear_of_each_change_and_are_few) {
  struct Stream {
    std::atomic<std::int64_t> unread = -1;
    std::atomic<bool> open = true;
  };
  std::vector<std::shared_ptr<Stream>> streams;
  const auto watch = [&] {
    auto stream = std::make_shared<Stream>();
    streams.push_back(stream);
    return notifications_->watch(ada_.account.id, [stream](std::int64_t unread) {
      stream->unread = unread;
      return stream->open.load();
    });
  };
  ASSERT_TRUE(watch());
  EXPECT_EQ(streams[0]->unread, 0);
  tell(Kind::like, ada_, bob_, clip_);
  EXPECT_EQ(streams[0]->unread, 1);
  tell(Kind::follow, ada_, bob_);
  EXPECT_EQ(streams[0]->unread, 2);
  ASSERT_TRUE(notifications_->read(ada_.account.id, page(ada_).items[0].id));
  EXPECT_EQ(streams[0]->unread, 0);
  while (streams.size() < notification_streams_per_account_max) ASSERT_TRUE(watch());
  EXPECT_EQ(watch().error().code, Errc::too_many_requests);
  streams[1]->open = false;
  EXPECT_TRUE(watch()) << "one that has gone makes room";
}

}  // namespace
}  // namespace vitrine::social
