#include "social/verification.hpp"

#include "base/confusable.hpp"
#include "social/comments.hpp"
#include "social/domain_proof.hpp"
#include "social/moderation.hpp"
#include "social/testing.hpp"

namespace vitrine::social {
namespace {

constexpr std::string_view why = "looked at the links";

class VerificationTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    open_verification();
    ada_ = somebody("ada_lovelace");
    moderator_ = somebody("mod_erator");
  }
  void open_verification() {
    VerificationPorts ports;
    ports.fetch = [this](const std::string& domain, std::string_view path) -> Result<std::string> {
      fetched_.push_back(domain + std::string(path));
      const auto found = pages_.find(fetched_.back());
      if (found == pages_.end()) return fail(Errc::not_found, "there is no such page");
      return found->second;
    };
    ports.tell = [this](const std::string& account) { told_.push_back(account); };
    verification_ = std::move(Verification::open(*database_, clock_, std::move(ports)).value());
  }
  [[nodiscard]] Person person_of(const SignIn& one) const {
    const auto account = accounts_->by_id(one.account.id).value();
    return {account.id, account.handle, account.display_name};
  }
  [[nodiscard]] std::optional<Badge> badge_of(const SignIn& one) const {
    return verification_->badge_of(person_of(one));
  }
  void ask(const SignIn& one, VerifiedKind kind = VerifiedKind::person) {
    const auto asked = verification_->ask(
        one.account.id, {.kind = kind, .name = "Ada Lovelace", .links = {"https://example.org/ada"}, .text = "I am"});
    ASSERT_TRUE(asked) << asked.error().message;
    clock_.advance(1);  // the last request is the one made last
  }
  [[nodiscard]] Result<std::string> decide(const SignIn& one, bool grant) {
    VT_TRY(const auto status, verification_->status(one.account.id));
    if (!status.request) return fail(Errc::not_found, "nothing was asked");
    return verification_->decide(moderator_.account.id, status.request->id, grant, person_of(one).display_name, why);
  }
  void verify(const SignIn& one) {
    ask(one);
    ASSERT_TRUE(decide(one, true));
  }
  void rename(const SignIn& one, std::string to) {
    ASSERT_TRUE(accounts_->edit(one.account.id, {.display_name = std::move(to)}));
    ASSERT_TRUE(verification_->renamed(one.account.id));
    clock_.advance(1);
  }

  std::map<std::string, std::string> pages_;
  std::vector<std::string> fetched_, told_;
  std::unique_ptr<Verification> verification_;
  SignIn ada_, moderator_;
};
INSTANTIATE_TEST_SUITE_P(Engines, VerificationTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(VerificationTest, AskedLookedAtGranted) {
  EXPECT_FALSE(badge_of(ada_));
  ask(ada_, VerifiedKind::organisation);
  EXPECT_FALSE(badge_of(ada_)) << "asking is not being";
  EXPECT_EQ(verification_->ask(ada_.account.id, {.name = "Ada"}).error().code, Errc::conflict);
  const auto queue = verification_->queue(moderator_.account.id).value();
  ASSERT_EQ(queue.size(), 1U);
  EXPECT_EQ(queue[0].request.links, std::vector<std::string>{"https://example.org/ada"});
  EXPECT_TRUE(queue[0].may_decide);
  EXPECT_FALSE(verification_->queue(ada_.account.id).value()[0].may_decide);
  ASSERT_TRUE(decide(ada_, true));
  ASSERT_TRUE(badge_of(ada_));
  EXPECT_EQ(badge_of(ada_)->kind, VerifiedKind::organisation);
  EXPECT_EQ(badge_of(ada_)->since, clock_.now());
  EXPECT_EQ(told_, std::vector<std::string>{ada_.account.id});
  const auto status = verification_->status(ada_.account.id).value();
  EXPECT_EQ(status.request->reason, why);
  EXPECT_TRUE(status.request->text.empty() && status.request->links.empty()) << "what was sent is forgotten";
  EXPECT_TRUE(verification_->queue(moderator_.account.id).value().empty());
}

TEST_P(VerificationTest, NobodyDecidesTheirOwn) {
  ask(moderator_);
  EXPECT_EQ(decide(moderator_, true).error().code, Errc::forbidden);
}

TEST_P(VerificationTest, WithoutAReasonNothingIsDecided) {
  ask(ada_);
  const auto id = verification_->status(ada_.account.id).value().request->id;
  EXPECT_EQ(verification_->decide(moderator_.account.id, id, true, "ada_lovelace", " ").error().code,
            Errc::invalid_argument);
}

TEST_P(VerificationTest, TheNameThatWasLookedAtIsTheNameThatIsDecided) {
  ask(ada_);
  const auto id = verification_->status(ada_.account.id).value().request->id;
  ASSERT_TRUE(accounts_->edit(ada_.account.id, {.display_name = "The Government"}));
  EXPECT_EQ(verification_->decide(moderator_.account.id, id, true, "ada_lovelace", why).error().code, Errc::conflict);
}

TEST_P(VerificationTest, AfterARefusalAWeekPasses) {
  ask(ada_);
  ASSERT_TRUE(decide(ada_, false));
  EXPECT_FALSE(badge_of(ada_));
  EXPECT_EQ(verification_->ask(ada_.account.id, {.name = "Ada"}).error().code, Errc::too_many_requests);
  clock_.advance(verification_again_ms + 1);
  EXPECT_TRUE(verification_->ask(ada_.account.id, {.name = "Ada"}));
}

TEST_P(VerificationTest, AnotherNameHasNoBadgeUntilLookedAt) {
  verify(ada_);
  const auto renamed_only = Person{ada_.account.id, "ada_lovelace", "The Government"};
  EXPECT_FALSE(verification_->badge_of(renamed_only)) << "not even before anybody was told of the change";
  rename(ada_, "The Government");
  EXPECT_FALSE(badge_of(ada_));
  EXPECT_TRUE(verification_->status(ada_.account.id).value().paused);
  const auto queue = verification_->queue(moderator_.account.id).value();
  ASSERT_EQ(queue.size(), 1U);
  EXPECT_TRUE(queue[0].request.renamed);
  EXPECT_EQ(queue[0].verified_name, "ada_lovelace");
  rename(ada_, "ada_lovelace");
  EXPECT_TRUE(badge_of(ada_)) << "back under the name that was looked at";
  EXPECT_TRUE(verification_->queue(moderator_.account.id).value().empty());
  rename(ada_, "The Government");
  ASSERT_TRUE(decide(ada_, false));
  rename(ada_, "ada_lovelace");
  EXPECT_FALSE(badge_of(ada_)) << "refused under another name, it is gone under the old one as well";
}

TEST_P(VerificationTest, RevokedWithAReason) {
  verify(ada_);
  ASSERT_TRUE(verification_->revoke(ada_.account.id, "sold the account"));
  EXPECT_FALSE(badge_of(ada_));
  EXPECT_EQ(verification_->status(ada_.account.id).value().request->reason, "sold the account");
  EXPECT_EQ(verification_->revoke(ada_.account.id, "again").error().code, Errc::not_found);
  EXPECT_EQ(told_.size(), 2U);
}

TEST_P(VerificationTest, GivenUp) {
  verify(ada_);
  ASSERT_TRUE(verification_->give_up(ada_.account.id));
  EXPECT_FALSE(badge_of(ada_));
}

TEST_P(VerificationTest, KnownAgainAfterARestart) {
  verify(ada_);
  const auto person = person_of(ada_);
  database_.reset();
  open();
  open_verification();
  EXPECT_TRUE(verification_->badge_of(person));
}

TEST_P(VerificationTest, LimitsOfWhatIsSent) {
  const auto code = [&](const NewVerification& given) {
    return verification_->ask(ada_.account.id, given).error().code;
  };
  EXPECT_EQ(code({.name = ""}), Errc::invalid_argument);
  EXPECT_EQ(code({.name = std::string(101, 'n')}), Errc::invalid_argument);
  EXPECT_EQ(code({.name = "Ada", .links = std::vector<std::string>(6, "https://a.example")}), Errc::invalid_argument);
  for (const auto* link : {"http://a.example", "javascript:alert(1)", "https://a.example/ b", "https://nodot", ""})
    EXPECT_EQ(code({.name = "Ada", .links = {link}}), Errc::invalid_argument) << link;
  EXPECT_EQ(code({.name = "Ada", .text = std::string(1'001, 't')}), Errc::invalid_argument);
}

TEST_P(VerificationTest, ADomainIsProvenByAFile) {
  const auto link = verification_->link_domain(ada_.account.id, "Example.ORG", "https://clips.test/@ada_lovelace");
  ASSERT_TRUE(link);
  EXPECT_EQ(link->domain, "example.org");
  EXPECT_FALSE(badge_of(ada_));
  const auto before = verification_->check_domain(ada_.account.id).value();
  EXPECT_EQ(before.state, DomainState::waiting);
  EXPECT_FALSE(before.problem.empty());
  EXPECT_EQ(verification_->check_domain(ada_.account.id).error().code, Errc::too_many_requests);
  pages_["example.org" + std::string(proof_path)] = "# ours\r\n  " + link->token + " \r\n";
  clock_.advance(domain_check_pause_ms);
  EXPECT_EQ(verification_->check_domain(ada_.account.id).value().state, DomainState::proven);
  ASSERT_TRUE(badge_of(ada_));
  EXPECT_EQ(badge_of(ada_)->domain, "example.org");
  EXPECT_EQ(badge_of(ada_)->kind, std::nullopt);
  rename(ada_, "Any name");
  EXPECT_TRUE(badge_of(ada_)) << "a domain says nothing of names";
  ASSERT_TRUE(verification_->unlink_domain(ada_.account.id));
  EXPECT_FALSE(badge_of(ada_));
}

TEST_P(VerificationTest, ADomainIsProvenByALinkBack) {
  ASSERT_TRUE(verification_->link_domain(ada_.account.id, "example.org", "https://clips.test/@ada_lovelace"));
  pages_["example.org/"] = "<a href='https://clips.test/@ada_lovelace' rel='noopener me'>clips</a>";
  EXPECT_EQ(verification_->check_domain(ada_.account.id).value().state, DomainState::proven);
}

TEST_P(VerificationTest, ADomainIsLookedAtAgainAndLost) {
  const auto link = verification_->link_domain(ada_.account.id, "example.org", "https://clips.test/@ada").value();
  pages_["example.org" + std::string(proof_path)] = link.token;
  ASSERT_TRUE(verification_->check_domain(ada_.account.id));
  fetched_.clear();
  ASSERT_TRUE(verification_->keep_up());
  EXPECT_TRUE(fetched_.empty()) << "not before its time";
  pages_.clear();
  clock_.advance(domain_again_ms);
  for (std::int64_t failures = 1; failures < domain_failures_max; ++failures) {
    ASSERT_TRUE(verification_->keep_up());
    EXPECT_TRUE(badge_of(ada_)) << "a bad day takes nothing";
    clock_.advance(domain_retry_ms);
  }
  ASSERT_TRUE(verification_->keep_up());
  EXPECT_FALSE(badge_of(ada_));
  EXPECT_EQ(verification_->status(ada_.account.id).value().domain->state, DomainState::lost);
  EXPECT_EQ(told_, std::vector<std::string>{ada_.account.id});
}

TEST_P(VerificationTest, LookalikesAreFound) {
  rename(ada_, "Ada Lovelace");
  verify(ada_);
  const auto looks = [&](std::string handle, std::string display_name) {
    const auto found = verification_->lookalike_of({"another", std::move(handle), std::move(display_name)});
    return found && found->id == ada_.account.id;
  };
  EXPECT_TRUE(looks("someone", "Аda Lоvelace")) << "Cyrillic А and о";
  EXPECT_TRUE(looks("ada.love1ace", "x"));
  EXPECT_TRUE(looks("adalovelace", "x"));
  EXPECT_TRUE(looks("someone", "  ADA-LOVELACE  "));
  EXPECT_FALSE(looks("ada", "Ada L."));
  EXPECT_FALSE(verification_->lookalike_of(person_of(ada_)));
  const auto twin = somebody("adalovelace");
  std::vector<std::string> found;
  ASSERT_TRUE(verification_->find_lookalikes(ada_.account.id, [&](const Person& one) { found.push_back(one.id); }));
  EXPECT_EQ(found, std::vector<std::string>{twin.account.id});
}

TEST_P(VerificationTest, ImpersonationOfAVerifiedAccountIsGrave) {
  auto comments = Comments::open(*database_, clock_).value();
  ModerationPorts ports;
  ports.say = [](store::Session&, const PublicDecision&) { return Result<void>{}; };
  ports.said = [] {};
  ports.video_changed = [](const std::string&) { return Result<void>{}; };
  auto moderation = Moderation::open(*database_, clock_, *accounts_, *videos_, *comments, std::move(ports)).value();
  const auto report = [&](const SignIn& twin, const SignIn& original) {
    const auto made =
        moderation->report(moderator_.account.id,
                           {.target = {TargetKind::account, twin.account.id}, .reason = ReportReason::impersonation},
                           [&](store::Session& session, const Report& one, std::string_view about) {
                             return verification_->name_impersonated(session, one.id, about,
                                                                     accounts_->by_id(original.account.id).value());
                           });
    ASSERT_TRUE(made) << made.error().message;
    const std::vector<std::string> ids{made->id};
    EXPECT_EQ(verification_->impersonated(ids).value().at(made->id).id, original.account.id);
  };
  const auto bob = somebody("bob_the_builder");
  verify(ada_);
  report(somebody("twin_of_ada"), ada_);
  report(somebody("twin_of_bob"), bob);
  const auto queue = moderation->queue().value();
  ASSERT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue[0].severity, impersonation_of_verified_severity);
  EXPECT_EQ(queue[1].severity, severity_of(ReportReason::impersonation));
}

TEST(DomainProof, OnlyNamesOfHosts) {
  for (const auto* good : {"example.org", "sub.example.co.uk", "xn--bcher-kva.example", "a-b.example", " Example.ORG "})
    EXPECT_TRUE(checked_domain(good)) << good;
  for (const auto* bad : {"",
                          "localhost",
                          "example",
                          ".example.org",
                          "example.org.",
                          "example..org",
                          "-a.example",
                          "a-.example",
                          "127.0.0.1",
                          "10.1",
                          "1.2.3.4.5",
                          "[::1]",
                          "example.org:443",
                          "example.org/path",
                          "https://example.org",
                          "user@example.org",
                          "exa mple.org",
                          "bücher.example",
                          "example.0x7f",
                          "a_b.example",
                          "example.org#x"})
    EXPECT_FALSE(checked_domain(bad)) << bad;
  EXPECT_FALSE(checked_domain(std::string(64, 'a') + ".example"));
}

TEST(DomainProof, ATokenIsAWholeLine) {
  EXPECT_TRUE(file_proves("vitrine-verification=abc", "vitrine-verification=abc"));
  EXPECT_TRUE(file_proves("one\r\n\tvitrine-verification=abc \r\nthree", "vitrine-verification=abc"));
  EXPECT_FALSE(file_proves("vitrine-verification=abcd", "vitrine-verification=abc"));
  EXPECT_FALSE(file_proves("not vitrine-verification=abc", "vitrine-verification=abc"));
  EXPECT_FALSE(file_proves("", "vitrine-verification=abc"));
}

TEST(DomainProof, ALinkThatIsMarkedAsOnesOwn) {
  constexpr std::string_view me = "https://clips.test/@ada";
  const auto proves = [&](std::string_view html) { return page_proves(html, me); };
  EXPECT_TRUE(proves(R"(<!doctype html><html><head><link rel="me" href="https://clips.test/@ada"></head>)"));
  EXPECT_TRUE(proves(R"(<p>hi<A class=x HREF=https://clips.test/@ada/ REL="nofollow ME">clips</A>)"));
  EXPECT_TRUE(proves(R"(<a title="a > b" rel=me href='https://clips.test/@ada'>)"));
  EXPECT_FALSE(proves(R"(<a href="https://clips.test/@ada">no mark</a>)"));
  EXPECT_FALSE(proves(R"(<a rel="menu" href="https://clips.test/@ada">)"));
  EXPECT_FALSE(proves(R"(<a rel="me" href="https://clips.test/@adam">)"));
  EXPECT_FALSE(proves(R"(<a rel="me" data-href="https://clips.test/@ada">)"));
  EXPECT_FALSE(proves(R"(<!-- <a rel="me" href="https://clips.test/@ada"> -->)"));
  EXPECT_FALSE(proves(R"(<script>'<a rel="me" href="https://clips.test/@ada">'</script>)"));
  EXPECT_FALSE(proves(R"(<title><a rel="me" href="https://clips.test/@ada"></title>)"));
  EXPECT_FALSE(proves(R"(<img alt='<a rel="me" href="https://clips.test/@ada">')"));
  EXPECT_FALSE(proves(R"(&lt;a rel="me" href="https://clips.test/@ada">)"));
  EXPECT_FALSE(proves("<"));
  EXPECT_FALSE(proves("<a"));
  EXPECT_FALSE(proves("<a rel"));
  EXPECT_FALSE(proves("<a rel=me href="));
  EXPECT_FALSE(proves("<script><script><!--"));
}

TEST(Confusable, WhatLooksAlikeIsEqual) {
  const auto alike = [](std::string_view a, std::string_view b) {
    return confusable_skeleton(a) == confusable_skeleton(b);
  };
  EXPECT_TRUE(alike("paypal", "раураl"));
  EXPECT_TRUE(alike("Broadcaster", "BR0ADCASTER"));
  EXPECT_TRUE(alike("modern", "modem"));
  EXPECT_TRUE(alike("The_News", "the news"));
  EXPECT_TRUE(alike("ｆｕｌｌ", "full"));
  EXPECT_TRUE(alike("in\u200Bvisible", "invisible"));
  EXPECT_FALSE(alike("ada", "bob"));
  EXPECT_FALSE(alike("news", "newest"));
  EXPECT_EQ(confusable_skeleton("\xff\xfe"), "");
}

}  // namespace
}  // namespace vitrine::social
