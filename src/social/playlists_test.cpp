#include "social/playlists.hpp"

#include "social/testing.hpp"

namespace vitrine::social {
namespace {

class PlaylistsTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    playlists_ = std::move(Playlists::open(*database_, clock_).value());
    ada_ = somebody("ada");
    fan_ = somebody("fan").account.id;
    ASSERT_TRUE(follows_->set(fan_, ada_.account.id, true));
  }
  std::string playlist(std::string_view title) { return playlists_->create(ada_.account.id, title)->id; }
  [[nodiscard]] std::vector<std::string> seen(const std::string& id, std::string_view viewer) const {
    const auto page = playlists_->page(viewer, id, "");
    return page ? page->videos : std::vector<std::string>{};
  }

  std::unique_ptr<Playlists> playlists_;
  SignIn ada_;
  std::string fan_;
};
INSTANTIATE_TEST_SUITE_P(Engines, PlaylistsTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(PlaylistsTest, a_playlist_keeps_its_order_and_shows_each_what_they_may_find) {
  const auto id = playlist("Seals");
  const auto open = live_video_of(ada_), close = live_video_of(ada_), link = live_video_of(ada_),
             draft = live_video_of(ada_);
  ASSERT_TRUE(videos_->edit(close, {.audience = Audience::followers}));
  ASSERT_TRUE(videos_->edit(link, {.audience = Audience::link}));
  ASSERT_TRUE(videos_->edit(draft, {.draft = true}));
  const std::vector order{draft, link, open, close};
  EXPECT_EQ(playlists_->put(ada_.account.id, id, order)->videos, 4);
  EXPECT_EQ(seen(id, ada_.account.id), order);
  EXPECT_EQ(seen(id, fan_), (std::vector{open, close}));
  EXPECT_EQ(seen(id, ""), (std::vector{open}));
  const auto told = playlists_->of_account(ada_.account.id, fan_).value();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].videos, 2);
  EXPECT_EQ(told[0].first, open);
  ASSERT_TRUE(videos_->edit(open, {.audience = Audience::only_me}));
  EXPECT_TRUE(playlists_->of_account(ada_.account.id, "")->empty()) << "nothing in it is for strangers";
  EXPECT_EQ(playlists_->page("", id, "").error().code, Errc::not_found);
  ASSERT_TRUE(videos_->remove(link));
  EXPECT_EQ(*playlists_->videos_of(ada_.account.id, id), (std::vector{draft, open, close}));
}

TEST_P(PlaylistsTest, pages_are_whole_whatever_is_hidden_in_between) {
  const auto id = playlist("Many");
  std::vector<std::string> order, shown;
  for (int i = 0; i < 60; ++i) {
    order.push_back(live_video_of(ada_));
    if (i % 3 == 0)
      ASSERT_TRUE(videos_->edit(order.back(), {.audience = Audience::only_me}));
    else
      shown.push_back(order.back());
  }
  ASSERT_TRUE(playlists_->put(ada_.account.id, id, order));
  std::vector<std::string> seen;
  for (std::string cursor;;) {
    const auto page = playlists_->page("", id, cursor).value();
    seen.insert(seen.end(), page.videos.begin(), page.videos.end());
    if (!page.next) break;
    cursor = *page.next;
  }
  EXPECT_EQ(seen, shown);
  EXPECT_EQ(playlists_->page("", id, "x").error().code, Errc::invalid_argument);
}

TEST_P(PlaylistsTest, others_can_change_nothing_and_put_nothing_of_theirs_in) {
  const auto id = playlist("Mine");
  const auto bob = somebody("bob");
  const auto theirs = live_video_of(bob), own = live_video_of(ada_);
  const auto& account = bob.account.id;
  EXPECT_EQ(playlists_->rename(account, id, "Ours").error().code, Errc::not_found);
  EXPECT_EQ(playlists_->remove(account, id).error().code, Errc::not_found);
  EXPECT_EQ(playlists_->put(account, id, std::vector{theirs}).error().code, Errc::not_found);
  EXPECT_EQ(playlists_->put(ada_.account.id, id, std::vector{own, theirs}).error().code, Errc::not_found);
  EXPECT_EQ(playlists_->put(ada_.account.id, id, std::vector{own, own}).error().code, Errc::invalid_argument);
  EXPECT_EQ(playlists_->put(ada_.account.id, id, std::vector<std::string>(playlist_videos_max + 1, own)).error().code,
            Errc::invalid_argument);
  EXPECT_TRUE(seen(id, ada_.account.id).empty());
}

TEST_P(PlaylistsTest, titles_and_numbers_have_limits) {
  const auto& account = ada_.account.id;
  EXPECT_EQ(playlists_->create(account, " ").error().code, Errc::invalid_argument);
  EXPECT_EQ(playlists_->create(account, std::string(playlist_title_characters_max + 1, 'x')).error().code,
            Errc::invalid_argument);
  EXPECT_EQ(playlists_->create(account, "a\u202Eb").value_or(Playlist{}).title.find("\u202E"), std::string::npos);
  while (std::cmp_less(playlists_->of_account(account, account)->size(), playlists_per_account_max)) playlist("One");
  EXPECT_EQ(playlists_->create(account, "Too many").error().code, Errc::unprocessable);
  const auto first = playlists_->of_account(account, account)->front().id;
  EXPECT_EQ(playlists_->rename(account, first, "Other")->title, "Other");
  ASSERT_TRUE(playlists_->remove(account, first));
  EXPECT_TRUE(playlists_->create(account, "Again"));
}

}  // namespace
}  // namespace vitrine::social
