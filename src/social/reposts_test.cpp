#include "social/reposts.hpp"

#include "social/people.hpp"
#include "social/testing.hpp"
#include "social/visibility.hpp"

namespace vitrine::social {
namespace {

using Ids = std::vector<std::string>;

class RepostsTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    reposts_ = std::move(Reposts::open(*database_, clock_).value());
    people_ = std::move(People::open(*database_, clock_).value());
    mira_ = somebody("mira");
    jon_ = somebody("jon");
    reader_ = somebody("reader");
    follow(reader_, mira_);
    video_ = live_video_of(jon_);
  }
  void repost(const SignIn& by, const std::string& video) {
    clock_.advance(1000);
    EXPECT_TRUE(reposts_->set(by.account.id, video, true));
  }
  Ids listed(const SignIn& of, std::string_view viewer) {
    return reposts_->page(of.account.id, viewer, "").value().videos;
  }
  Ids fed(const SignIn& to) {
    Ids out;
    const auto reposts = reposts_->for_follower(to.account.id).value();
    for (const auto& one : reposts) out.push_back(one.by.handle + ":" + one.video);
    return out;
  }
  void show_to(Audience audience) { EXPECT_TRUE(videos_->edit(video_, {.audience = audience})); }
  [[nodiscard]] std::string by_mira() const { return "mira:" + video_; }

  std::unique_ptr<Reposts> reposts_;
  std::unique_ptr<People> people_;
  SignIn mira_, jon_, reader_;
  std::string video_;
};

INSTANTIATE_TEST_SUITE_P(Engines, RepostsTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(RepostsTest, reposting_is_idempotent_and_counted) {
  EXPECT_EQ(reposts_->set(mira_.account.id, video_, true).value(), 1);
  EXPECT_EQ(reposts_->set(mira_.account.id, video_, true).value(), 1);
  EXPECT_EQ(reposts_->set(reader_.account.id, video_, true).value(), 2);
  EXPECT_EQ(videos_->by_id(video_)->reposts, 2);
  const std::vector ids{video_};
  EXPECT_EQ(reposts_->reposted(mira_.account.id, ids)->size(), 1U);
  EXPECT_EQ(reposts_->reposted(jon_.account.id, ids)->size(), 0U);
  EXPECT_EQ(reposts_->set(mira_.account.id, video_, false).value(), 1);
  EXPECT_EQ(reposts_->set(mira_.account.id, video_, false).value(), 1);
  EXPECT_EQ(reposts_->reposted(mira_.account.id, ids)->size(), 0U);
}

TEST_P(RepostsTest, ones_own_and_what_is_not_public_cannot_be) {
  EXPECT_EQ(reposts_->set(jon_.account.id, video_, true).error().code, Errc::unprocessable);
  for (const auto audience : {Audience::followers, Audience::link, Audience::only_me}) {
    show_to(audience);
    EXPECT_EQ(reposts_->set(mira_.account.id, video_, true).error().code, Errc::unprocessable);
  }
  const auto unfinished = video_of(jon_);
  EXPECT_EQ(reposts_->set(mira_.account.id, unfinished, true).error().code, Errc::unprocessable);
  EXPECT_EQ(reposts_->set(mira_.account.id, new_id(clock_.now()), true).error().code, Errc::not_found);
  EXPECT_EQ(videos_->by_id(video_)->reposts, 0);
}

TEST_P(RepostsTest, what_is_no_longer_public_is_in_no_list_until_it_is_again) {
  repost(mira_, video_);
  for (const auto audience : {Audience::followers, Audience::link, Audience::only_me}) {
    show_to(audience);
    for (const auto* viewer : {&mira_, &jon_, &reader_}) EXPECT_EQ(listed(mira_, viewer->account.id), Ids{});
    EXPECT_EQ(fed(reader_), Ids{});
  }
  show_to(Audience::everyone);
  EXPECT_EQ(listed(mira_, ""), Ids{video_});
  EXPECT_EQ(fed(reader_), Ids{by_mira()});
}

TEST_P(RepostsTest, a_block_hides_it) {
  repost(mira_, video_);
  ASSERT_TRUE(people_->block(jon_.account.id, reader_.account.id, true));
  EXPECT_EQ(listed(mira_, reader_.account.id), Ids{});
  EXPECT_EQ(fed(reader_), Ids{});
  EXPECT_EQ(listed(mira_, ""), Ids{video_});
  ASSERT_TRUE(people_->block(jon_.account.id, reader_.account.id, false));
  EXPECT_EQ(fed(reader_), Ids{by_mira()});
  ASSERT_TRUE(people_->block(jon_.account.id, mira_.account.id, true));
  EXPECT_EQ(listed(mira_, ""), Ids{}) << "its creator does not want to be shown by her";
  EXPECT_EQ(fed(reader_), Ids{});
}

TEST_P(RepostsTest, the_muted_are_not_in_the_feed) {
  repost(mira_, video_);
  for (const auto* muted : {&mira_, &jon_}) {
    ASSERT_TRUE(people_->mute(reader_.account.id, muted->account.id, true));
    EXPECT_EQ(fed(reader_), Ids{});
    EXPECT_EQ(listed(mira_, reader_.account.id), Ids{video_}) << "who looks at a profile has asked for it";
    ASSERT_TRUE(people_->mute(reader_.account.id, muted->account.id, false));
  }
  EXPECT_EQ(fed(reader_), Ids{by_mira()});
}

TEST_P(RepostsTest, each_video_comes_once_by_whoever_was_last) {
  const auto kim = somebody("kim"), stranger = somebody("stranger");
  follow(reader_, kim);
  const auto other = live_video_of(jon_);
  const auto own = live_video_of(reader_);
  repost(mira_, video_);
  repost(mira_, own);
  repost(mira_, other);
  repost(kim, video_);
  repost(stranger, other);
  EXPECT_EQ(fed(reader_), (Ids{"kim:" + video_, "mira:" + other}));
  clock_.advance(feed_reposts_age_ms);
  EXPECT_EQ(fed(reader_), Ids{});
}

TEST_P(RepostsTest, lists_come_in_pages) {
  Ids all;
  for (std::size_t i = 0; i < reposts_page_items + 2; ++i) {
    all.insert(all.begin(), live_video_of(jon_));
    repost(mira_, all.front());
  }
  EXPECT_EQ(reposts_->of_account(mira_.account.id).value(), all);
  const auto first = reposts_->page(mira_.account.id, "", "").value();
  ASSERT_TRUE(first.next);
  const auto second = reposts_->page(mira_.account.id, "", *first.next).value();
  EXPECT_FALSE(second.next);
  auto got = first.videos;
  got.insert(got.end(), second.videos.begin(), second.videos.end());
  EXPECT_EQ(got, all);
  EXPECT_EQ(reposts_->page(mira_.account.id, "", "nonsense").error().code, Errc::invalid_argument);
}

TEST_P(RepostsTest, reposts_go_with_their_account_and_their_video) {
  repost(mira_, video_);
  repost(reader_, video_);
  EXPECT_EQ(accounts_->holdings(mira_.account.id)->reposts, 1);
  ASSERT_TRUE(accounts_->erase(mira_.account.id));
  EXPECT_EQ(videos_->by_id(video_)->reposts, 1);
  EXPECT_EQ(fed(reader_), Ids{});
  ASSERT_TRUE(videos_->remove(video_));
  EXPECT_EQ(reposts_->of_account(reader_.account.id)->size(), 0U);
}

}  // namespace
}  // namespace vitrine::social
