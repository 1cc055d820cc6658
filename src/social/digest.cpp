#include "social/digest.hpp"

#include <charconv>

#include "base/log.hpp"
#include "social/notification_words.hpp"
#include "social/schema.hpp"

namespace vitrine::social {
namespace {

constexpr std::chrono::seconds pause{60};
constexpr TimeMs day_ms = 24LL * 3600 * 1000;
constexpr std::array rhythms{DigestRhythm::never, DigestRhythm::daily, DigestRhythm::weekly};

TimeMs period_of(DigestRhythm rhythm) { return rhythm == DigestRhythm::daily ? day_ms : 7 * day_ms; }

/// A text of several lines in one, for there it is a quotation.
std::string on_one_line(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(
      out, [](unsigned char c) { return c < ' '; }, ' ');
  return out;
}

std::string item_text(const Notification& one, std::string_view public_url) {
  auto out = fmt::format("* {}\n", sentence_of(one));
  if (!one.text.empty()) out += fmt::format("  \"{}\"\n", on_one_line(shortened(one.text, told_text_characters_max)));
  return out + fmt::format("  {}{}\n\n", public_url, page_of(one));
}

std::string title_of(std::size_t count) {
  if (count > digest_items_max) return fmt::format("More than {} new notifications", digest_items_max);
  return count == 1 ? "One new notification" : fmt::format("{} new notifications", count);
}

std::unexpected<Error> not_ours() {
  return fail(Errc::invalid_argument, "this link is not whole: open it as it stands in the mail");
}

}  // namespace

std::string_view name(DigestRhythm rhythm) {
  switch (rhythm) {
    case DigestRhythm::never: return "never";
    case DigestRhythm::daily: return "daily";
    case DigestRhythm::weekly: return "weekly";
  }
  return "never";
}

Result<DigestRhythm> read_rhythm(std::string_view text) {
  const auto found = std::ranges::find(rhythms, text, [](auto rhythm) { return name(rhythm); });
  if (found == rhythms.end()) return fail(Errc::invalid_argument, "\"digest\" must be never, daily or weekly");
  return *found;
}

struct Digests::Due {
  std::string account;
  DigestRhythm rhythm = DigestRhythm::never;
  std::string told_until;  ///< the newest notification that was in a mail
  std::int64_t number = 0;
};

Digests::Digests(store::Database& database, const Clock& clock, const Accounts& accounts, DigestOptions options)
    : database_(database), clock_(clock), accounts_(accounts), options_(std::move(options)) {
  if (options_.by_itself && options_.send) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Digests::~Digests() = default;

Result<std::unique_ptr<Digests>> Digests::open(store::Database& database, const Clock& clock, const Accounts& accounts,
                                               DigestOptions options) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Digests>(new Digests(database, clock, accounts, std::move(options)));
}

void Digests::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    has_news_ = false;
    lock.unlock();
    if (const auto sent = send_due(); !sent) log::warning("digests.send", {{"error", sent.error().message}});
    lock.lock();
    woken_.wait_for(lock, stop, pause, [this] { return has_news_; });
  }
}

// ---------------------------------------------------------------------------------------------------------------
// What people chose

Result<DigestRhythm> Digests::rhythm(std::string_view account) const {
  VT_TRY(const auto rows, database_.query("SELECT rhythm FROM digests WHERE account_id = $1", {std::string(account)}));
  return rows.empty() ? DigestRhythm::never : read_rhythm(rows[0].text(0));
}

Result<void> Digests::set_rhythm(const Account& account, DigestRhythm rhythm) {
  VT_TRY(const auto before, this->rhythm(account.id));
  if (rhythm == before) return {};
  if (rhythm != DigestRhythm::never && (!options_.send || options_.public_url.empty()))
    return fail(Errc::unavailable, "this service sends no such mail: its operator has named no mail server or address");
  if (rhythm != DigestRhythm::never && account.email != EmailState::verified)
    return fail(Errc::conflict, "confirm an e-mail address first: such mail goes to no other");
  VT_CHECK(
      database_.execute("INSERT INTO digests (account_id, rhythm, next_at, told_until, number) "
                        "VALUES ($1, $2, $3, '', 1) ON CONFLICT (account_id) DO UPDATE SET "
                        "rhythm = excluded.rhythm, next_at = excluded.next_at, "
                        "number = CASE WHEN excluded.rhythm = 'never' THEN digests.number + 1 ELSE digests.number END",
                        {account.id, std::string(name(rhythm)), clock_.now()}));
  const std::lock_guard lock(mutex_);
  has_news_ = true;
  woken_.notify_all();
  return {};
}

std::string Digests::token_of(std::string_view account, std::int64_t number) const {
  const auto said = fmt::format("{}.{}", account, number);
  const auto signature =
      crypto::hmac_sha256(options_.key, crypto::bytes_of(fmt::format("vitrine unsubscribe v1\n{}", said)));
  return fmt::format("{}.{}", said, crypto::base64url(signature));
}

Result<void> Digests::unsubscribe(std::string_view token) {
  const auto first = token.find('.'), second = token.find('.', first == token.npos ? first : first + 1);
  if (second == token.npos) return not_ours();
  const std::string account(token.substr(0, first));
  std::int64_t number = 0;
  std::from_chars(token.data() + first + 1, token.data() + second, number);
  if (!crypto::equal_constant_time(token_of(account, number), token)) return not_ours();
  VT_TRY(const auto changed, database_.execute("UPDATE digests SET rhythm = 'never', number = number + 1 "
                                               "WHERE account_id = $1 AND number = $2 AND rhythm <> 'never'",
                                               {account, number}));
  if (changed == 0) return fail(Errc::gone, "this link was used before: no such mail is sent");
  return {};
}

// ---------------------------------------------------------------------------------------------------------------
// Sending

Result<void> Digests::send_due() {
  VT_TRY(const auto rows, database_.query("SELECT account_id, rhythm, told_until, number FROM digests WHERE "
                                          "rhythm <> 'never' AND next_at <= $1 ORDER BY next_at LIMIT $2",
                                          {clock_.now(), digests_per_round_max}));
  for (const auto& row : rows) {
    VT_TRY(const auto rhythm, read_rhythm(row.text(1)));
    const auto sent = send_one({row.text(0), rhythm, row.text(2), row.integer(3)});
    // Who is away for one is away for all; what concerns one person holds up nobody else.
    if (!sent && sent.error().code == Errc::unavailable) return sent;
    if (!sent) log::warning("digests.send", {{"error", sent.error().message}});
  }
  return {};
}

Result<void> Digests::send_one(const Due& due) {
  const TimeMs now = clock_.now();
  VT_TRY(const auto account, accounts_.by_id(due.account));
  if (account.email != EmailState::verified || account.is_suspended(now))
    return put_off(due, now + period_of(due.rhythm), due.told_until);
  if (options_.quiet_now(account.id)) return put_off(due, now + digest_retry_ms, due.told_until);
  std::vector<Notification> news;
  VT_CHECK(database_.transaction(store::Access::read, [&](store::Session& session) -> Result<void> {
    VT_TRY(news, unread_after(session, account.id, due.told_until, digest_items_max + 1, now));
    return {};
  }));
  if (news.empty()) return put_off(due, now + period_of(due.rhythm), due.told_until);
  if (auto sent = options_.send(account, mail_to(account, due, news)); !sent) {
    VT_CHECK(put_off(due, now + digest_retry_ms, due.told_until));
    return sent;
  }
  return put_off(due, now + period_of(due.rhythm), news.front().id);
}

DigestMail Digests::mail_to(const Account& account, const Due& due, std::span<const Notification> news) const {
  const auto& url = options_.public_url;
  const auto token = token_of(account.id, due.number);
  std::string text = fmt::format("Hello {},\n\nthis waits for you:\n\n", account.display_name);
  for (const auto& one : news.first(std::min(news.size(), digest_items_max))) text += item_text(one, url);
  text += fmt::format(
      "Everything is at {0}/notifications\n\n"
      "-- \n"
      "You asked for this mail every {1}, at {0}/settings\n"
      "To get no more of them, follow this link; you need not sign in:\n"
      "{0}/unsubscribe?token={2}\n",
      url, due.rhythm == DigestRhythm::daily ? "day" : "week", token);
  return {.title = title_of(news.size()),
          .text = std::move(text),
          .unsubscribe = fmt::format("{}/api/v1/unsubscribe?token={}", url, token)};
}

/// Unless the person chose anew meanwhile.
Result<void> Digests::put_off(const Due& due, TimeMs until, std::string_view told_until) {
  VT_CHECK(database_.execute(
      "UPDATE digests SET next_at = $2, told_until = $3 WHERE account_id = $1 AND rhythm = $4 AND number = $5",
      {due.account, until, std::string(told_until), std::string(name(due.rhythm)), due.number}));
  return {};
}

}  // namespace vitrine::social
