// What the tests of this room share: people and their videos, on both engines.
#pragma once
#include "base/id.hpp"
#include "social/accounts.hpp"
#include "social/follows.hpp"
#include "social/videos.hpp"
#include "store/testing.hpp"

namespace vitrine::social {

inline constexpr std::string_view password = "correct horse battery";
inline constexpr TimeMs start_ms = 1'790'000'000'000;

class SocialTest : public store::testing::BothEngines {
 protected:
  void SetUp() override {
    BothEngines::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    accounts_ =
        std::move(Accounts::open(*database_, clock_,
                                 [](auto&, const Account& account, const Newcomer& newcomer) -> Result<std::string> {
                                   return fmt::format("secret of {} {}", account.handle, newcomer.birth_date);
                                 })
                      .value());
    videos_ = std::move(Videos::open(*database_, clock_).value());
    follows_ = std::move(Follows::open(*database_, clock_).value());
  }
  SignIn somebody(std::string_view handle) {
    auto made = accounts_->sign_up({.handle = std::string(handle)}, password);
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(SignIn{});
  }
  SignIn somebody_young(std::string_view handle) {
    auto made = accounts_->sign_up({.handle = std::string(handle), .birth_date = "2011-01-01"}, password);
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(SignIn{});
  }
  void follow(const SignIn& follower, const SignIn& creator) {
    EXPECT_TRUE(follows_->set(follower.account.id, creator.account.id, true));
  }
  std::string video_of(const SignIn& creator, std::string caption = "") {
    const std::string id = new_id(clock_.now());
    clock_.advance(1);
    EXPECT_TRUE(videos_->create({id, creator.account.id, std::move(caption), {}, {.audience = Audience::everyone}}));
    return id;
  }
  std::string live_video_of(const SignIn& creator) {
    std::string id = video_of(creator);
    EXPECT_TRUE(videos_->publish(id, {.duration_ms = 1000, .width = 90, .height = 160, .poster_key = "p"}));
    return id;
  }

  ManualClock clock_{start_ms};
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<Videos> videos_;
  std::unique_ptr<Follows> follows_;
};

}  // namespace vitrine::social
