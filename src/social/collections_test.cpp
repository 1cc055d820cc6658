#include "social/collections.hpp"

#include "social/testing.hpp"

namespace vitrine::social {
namespace {

class CollectionsTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    collections_ = std::move(Collections::open(*database_, clock_).value());
    creator_ = somebody("ada");
    bob_ = somebody("bob").account.id;
    cleo_ = somebody("cleo").account.id;
  }
  std::unique_ptr<Collections> collections_;
  SignIn creator_;
  std::string bob_, cleo_;
};
INSTANTIATE_TEST_SUITE_P(Engines, CollectionsTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(CollectionsTest, saving_goes_to_the_default_one) {
  const auto clip = live_video_of(creator_), other = live_video_of(creator_);
  EXPECT_TRUE(collections_->of_account(bob_)->empty());
  ASSERT_TRUE(collections_->save(bob_, clip, true));
  ASSERT_TRUE(collections_->save(bob_, clip, true)) << "idempotent";
  const auto all = collections_->of_account(bob_);
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ(all->front().name, default_collection_name);
  EXPECT_EQ(all->front().videos, 1);
  const std::vector<std::string> ids = {clip, other};
  EXPECT_EQ(*collections_->saved(bob_, ids), std::set{clip});
  EXPECT_TRUE(collections_->saved(cleo_, ids)->empty());
  EXPECT_EQ(collections_->remove(bob_, all->front().id).error().code, Errc::conflict);
  EXPECT_EQ(collections_->rename(bob_, all->front().id, "Mine").error().code, Errc::conflict);
  ASSERT_TRUE(collections_->save(bob_, clip, false));
  EXPECT_TRUE(collections_->saved(bob_, ids)->empty());
  EXPECT_EQ(collections_->of_account(bob_)->front().videos, 0);
}

TEST_P(CollectionsTest, names_are_ones_own_and_limited) {
  const auto boats = collections_->create(bob_, " Boats ");
  ASSERT_TRUE(boats);
  EXPECT_EQ(boats->name, "Boats");
  EXPECT_EQ(collections_->create(bob_, "Boats").error().code, Errc::conflict);
  EXPECT_EQ(collections_->create(bob_, std::string(default_collection_name)).error().code, Errc::conflict);
  EXPECT_TRUE(collections_->create(cleo_, "Boats"));
  for (const auto& bad : {std::string(), std::string("  "), std::string(51, 'x'), std::string("\u202e")})
    EXPECT_EQ(collections_->create(bob_, bad).error().code, Errc::invalid_argument) << bad;
  const auto ships = collections_->rename(bob_, boats->id, "Ships");
  EXPECT_EQ(ships->name, "Ships");
  EXPECT_EQ(collections_->rename(cleo_, boats->id, "Mine").error().code, Errc::not_found);
  EXPECT_EQ(collections_->remove(cleo_, boats->id).error().code, Errc::not_found);
  EXPECT_EQ(collections_->page(cleo_, boats->id, "").error().code, Errc::not_found);
  EXPECT_TRUE(collections_->remove(bob_, boats->id));
  for (std::int64_t i = 1; i < collections_per_account_max; ++i)
    ASSERT_TRUE(collections_->create(bob_, fmt::format("c{}", i)));
  EXPECT_EQ(collections_->create(bob_, "one more").error().code, Errc::unprocessable);
}

TEST_P(CollectionsTest, pages_have_the_last_added_first_and_go_with_the_videos) {
  const auto boats = collections_->create(bob_, "Boats");
  std::vector<std::string> clips;
  for (std::size_t i = 0; i < collected_page_items + 3; ++i) {
    clips.push_back(live_video_of(creator_));
    ASSERT_TRUE(collections_->put(bob_, boats->id, clips.back(), true));
  }
  EXPECT_EQ(collections_->put(bob_, boats->id, new_id(1), true)->videos, 27) << "what is not there is not added";
  const auto first = collections_->page(bob_, boats->id, "");
  ASSERT_TRUE(first && first->next);
  EXPECT_EQ(first->videos.front(), clips.back());
  EXPECT_EQ(collections_->page(bob_, boats->id, *first->next)->videos.size(), 3u);
  EXPECT_EQ(collections_->page(bob_, boats->id, "x").error().code, Errc::invalid_argument);
  ASSERT_TRUE(videos_->remove(clips[0]));
  EXPECT_EQ(collections_->of_account(bob_)->back().videos, 26);
  ASSERT_TRUE(accounts_->erase(creator_.account.id));
  EXPECT_TRUE(collections_->page(bob_, boats->id, "")->videos.empty());
  ASSERT_TRUE(accounts_->erase(bob_));
  EXPECT_EQ((*database_->query("SELECT COUNT(*) FROM collections WHERE account_id = $1", {bob_}))[0].integer(0), 0);
}

}  // namespace
}  // namespace vitrine::social
