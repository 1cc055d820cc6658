#include "social/bulk.hpp"

#include "social/comments.hpp"
#include "social/reposts.hpp"
#include "social/search.hpp"
#include "social/testing.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs day_ms = 24LL * 3600 * 1000;

class BulkTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    bulk_ = std::move(Bulk::open(*database_).value());
  }

  std::string id() {
    clock_.advance(1);
    return new_id(clock_.now());
  }
  std::string account(std::string handle, std::int64_t followers = 0, std::int64_t following = 0) {
    BulkAccount one{.id = id(), .handle = handle, .display_name = handle, .created_at = clock_.now()};
    one.followers = followers;
    one.following = following;
    EXPECT_TRUE(bulk_->add(one));
    return one.id;
  }
  std::string video(const std::string& creator, std::string caption, std::int64_t comments) {
    BulkVideo one{.id = id(), .creator_id = creator, .caption = std::move(caption), .tags = {"sea"}};
    one.comments = comments;
    one.media = &media_;
    EXPECT_TRUE(bulk_->add(one));
    return one.id;
  }

  PublishedMedia media_{.duration_ms = 1000, .width = 90, .height = 160, .poster_key = "p"};
  std::unique_ptr<Bulk> bulk_;
};
INSTANTIATE_TEST_SUITE_P(Engines, BulkTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(BulkTest, the_rooms_find_what_was_brought_in) {
  const auto ada = account("ada", 1), bob = account("bob", 0, 1);
  const auto clip = video(ada, "Waves at night", 3);
  ASSERT_TRUE(bulk_->add_follow(bob, ada, clock_.now()));
  ASSERT_TRUE(bulk_->add_like(bob, clip, clock_.now()));
  ASSERT_TRUE(bulk_->add_repost(bob, clip, clock_.now()));
  BulkComment liked{.id = id(), .video = clip, .creator_id = ada, .author_id = bob, .text = "First"};
  liked.likes = liked.replies = 1;
  BulkComment reply{.id = id(), .video = clip, .creator_id = ada, .author_id = ada, .text = "Thanks"};
  reply.parent = liked.id;
  const BulkComment later{.id = id(), .video = clip, .creator_id = ada, .author_id = bob, .text = "Second"};
  for (const auto& comment : {liked, reply, later}) ASSERT_TRUE(bulk_->add(comment));
  ASSERT_TRUE(bulk_->add_comment_like(ada, liked.id, clock_.now()));
  ASSERT_TRUE(bulk_->add(BulkNotification{.id = id(),
                                          .recipient = ada,
                                          .kind = NotificationKind::like,
                                          .video = clip,
                                          .actors = {bob},
                                          .created_at = clock_.now(),
                                          .unread = true}));
  ASSERT_TRUE(bulk_->finish());

  EXPECT_EQ(videos_->live_count(ada, bob), 1);
  EXPECT_EQ(*videos_->liked(bob, std::vector{clip}), std::set{clip});
  EXPECT_TRUE(*follows_->follows(bob, ada));
  EXPECT_EQ((*Reposts::open(*database_, clock_))->page(bob, "", "")->videos, std::vector{clip});
  const auto comments = std::move(Comments::open(*database_, clock_).value());
  const auto page = *comments->page(ada, clip, CommentOrder::top, "");
  ASSERT_EQ(page.items.size(), 2u);
  EXPECT_EQ(page.items[0].id, liked.id) << "a like weighs more than a moment";
  EXPECT_TRUE(page.items[0].liked);
  EXPECT_EQ(comments->replies(ada, liked.id, "")->items.front().text, "Thanks");
  const auto notifications = std::move(Notifications::open(*database_, clock_).value());
  const auto told = *notifications->page(ada, "");
  EXPECT_EQ(told.unread, 1);
  EXPECT_EQ(told.items.front().actors.front().handle, "bob");
  const auto search = std::move(Search::open(*database_, clock_).value());
  EXPECT_EQ(search->videos("waves", "", 5)->ids, std::vector{clip});
  EXPECT_EQ(search->accounts("bob", "", 5)->ids, std::vector{bob});
  EXPECT_EQ(search->tag_page("sea", TagSort::newest, "", 5)->page.ids, std::vector{clip});
}

/// More rows than one statement and one transaction hold.
TEST_P(BulkTest, many_rows) {
  const auto ada = account("ada");
  constexpr int many = 20'100;
  for (int i = 0; i < many; ++i) account(fmt::format("person{}", i));
  const auto clip = video(ada, "Waves", 0);
  ASSERT_TRUE(bulk_->finish());
  EXPECT_EQ((*database_->query("SELECT COUNT(*) FROM accounts"))[0].integer(0), many + 1);
  ASSERT_TRUE(bulk_->add_views(std::vector{BulkViews{.video = clip, .views = 10, .added = 5, .at = day_ms}}));
  EXPECT_EQ((*database_->query("SELECT views FROM search_views"))[0].integer(0), 5);
}

}  // namespace
}  // namespace vitrine::social
