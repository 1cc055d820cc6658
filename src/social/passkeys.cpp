#include "social/passkeys.hpp"

#include "base/crypto.hpp"
#include "base/id.hpp"
#include "base/webauthn.hpp"
#include "social/schema.hpp"
#include "social/videos.hpp"

namespace vitrine::social {
namespace {

constexpr std::size_t challenges_max = 100'000;
constexpr std::size_t user_handle_bytes = 26;  // our account ids
constexpr std::array<std::int64_t, 3> algorithms{-7, -8, -257};

/// Somebody who was given a challenge, and for what.
struct Ceremony {
  enum class Kind { add, sign_up, sign_in };
  Kind kind = Kind::sign_in;
  TimeMs expires_at = 0;
  std::string account_id;  // add
  Newcomer newcomer;       // sign-up
};

store::Blob blob_of(std::string_view bytes) { return {bytes.begin(), bytes.end()}; }
std::string text_of(const store::Blob& blob) { return {blob.begin(), blob.end()}; }

Result<std::string> decoded_member(const json::object& object, std::string_view key) {
  VT_TRY(const auto text, text_member(object, key));
  auto bytes = crypto::from_base64url(text);
  if (!bytes) return fail(Errc::invalid_argument, "member \"{}\" must be base64url without padding", key);
  return bytes;
}

Result<const json::object*> response_member(const json::object& object) {
  const auto* member = object.if_contains("response");
  if (!member || !member->is_object()) return fail(Errc::invalid_argument, "member \"response\" must be an object");
  return &member->get_object();
}

std::unexpected<Error> refused(std::string_view why) {
  return fail(Errc::invalid_argument, "the passkey was refused: {}", why);
}

Result<void> check_party(const webauthn::AuthenticatorData& data, const webauthn::ClientData& client,
                         std::string_view type, const RelyingParty& party) {
  if (client.type != type) return refused("it answers another kind of question");
  if (client.origin != party.origin || client.cross_origin) return refused("it was made for another site");
  const auto hash = crypto::sha256(party.id);
  if (data.rp_id_hash != std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()))
    return refused("it was made for another site");
  if (!data.user_present) return refused("nobody was there to touch it");
  return {};
}

Passkey passkey_of(const store::Row& row) {
  Passkey passkey{.id = row.text(0), .name = row.text(1), .created_at = row.integer(2)};
  if (!row.is_null(3)) passkey.last_used_at = row.integer(3);
  return passkey;
}

json::array exclude_list(const store::Rows& credentials) {
  json::array list;
  for (const auto& row : credentials) list.push_back({{"type", "public-key"}, {"id", crypto::base64url(row.blob(0))}});
  return list;
}

}  // namespace

struct Passkeys::Impl {
  Impl(store::Database& d, Accounts& a, const Clock& c) : database(d), accounts(a), clock(c) {}

  store::Database& database;
  Accounts& accounts;
  const Clock& clock;
  std::mutex mutex;
  std::unordered_map<std::string, Ceremony> ceremonies;  // by challenge

  std::string challenge_for(Ceremony ceremony) {
    ceremony.expires_at = clock.now() + challenge_lifetime_ms;
    std::string challenge = crypto::random_token();
    std::lock_guard lock(mutex);
    if (ceremonies.size() >= challenges_max)
      std::erase_if(ceremonies, [now = clock.now()](const auto& item) { return item.second.expires_at <= now; });
    if (ceremonies.size() >= challenges_max) ceremonies.clear();
    ceremonies.emplace(challenge, std::move(ceremony));
    return challenge;
  }

  /// Each challenge is good for one answer.
  Result<Ceremony> take(const std::string& challenge) {
    std::lock_guard lock(mutex);
    const auto found = ceremonies.find(challenge);
    if (found == ceremonies.end() || found->second.expires_at <= clock.now())
      return fail(Errc::invalid_argument, "this took too long; please try again");
    Ceremony ceremony = std::move(found->second);
    ceremonies.erase(found);
    return ceremony;
  }

  json::object creation_options(std::string challenge, std::string_view user_id, std::string_view handle,
                                std::string_view display_name, const RelyingParty& party, json::array exclude) {
    json::array parameters;
    for (const auto algorithm : algorithms) parameters.push_back({{"type", "public-key"}, {"alg", algorithm}});
    return {{"rp", {{"id", party.id}, {"name", "Vitrine"}}},
            {"user",
             {{"id", crypto::base64url(crypto::bytes_of(user_id))}, {"name", handle}, {"displayName", display_name}}},
            {"challenge", std::move(challenge)},
            {"pubKeyCredParams", std::move(parameters)},
            {"timeout", challenge_lifetime_ms},
            {"excludeCredentials", std::move(exclude)},
            {"authenticatorSelection",
             {{"residentKey", "required"}, {"requireResidentKey", true}, {"userVerification", "preferred"}}},
            {"attestation", "none"}};
  }

  Result<void> insert(store::Session& session, const Registered& made, const webauthn::Credential& credential,
                      std::uint32_t sign_count) {
    VT_TRY(const auto held, session.query("SELECT COUNT(*) FROM passkeys WHERE account_id = $1", {made.account.id}));
    if (held[0].integer(0) >= static_cast<std::int64_t>(passkeys_per_account_max))
      return fail(Errc::unprocessable, "an account has at most {} passkeys; remove one first",
                  passkeys_per_account_max);
    auto done = session.execute(
        "INSERT INTO passkeys (credential_id, account_id, id, name, public_key, sign_count, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {blob_of(credential.id), made.account.id, made.passkey.id, made.passkey.name, blob_of(credential.cose_key),
         std::int64_t{sign_count}, made.passkey.created_at});
    if (!done && done.error().code == Errc::conflict) return fail(Errc::conflict, "this passkey is already registered");
    VT_CHECK(done);
    return {};
  }
};

Passkeys::Passkeys(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Passkeys::~Passkeys() = default;

Result<std::unique_ptr<Passkeys>> Passkeys::open(store::Database& database, Accounts& accounts, const Clock& clock) {
  VT_CHECK(migrate_social(database));
  return std::unique_ptr<Passkeys>(new Passkeys(std::make_unique<Impl>(database, accounts, clock)));
}

Result<json::object> Passkeys::begin_adding(const Account& account, const RelyingParty& party) {
  VT_TRY(const auto held,
         impl_->database.query("SELECT credential_id FROM passkeys WHERE account_id = $1", {account.id}));
  auto challenge = impl_->challenge_for({.kind = Ceremony::Kind::add, .account_id = account.id});
  return impl_->creation_options(std::move(challenge), account.id, account.handle, account.display_name, party,
                                 exclude_list(held));
}

Result<json::object> Passkeys::begin_sign_up(const Newcomer& newcomer, const RelyingParty& party) {
  VT_CHECK(check_handle(newcomer.handle));
  if (!newcomer.birth_date.empty()) VT_CHECK(band_of(newcomer.birth_date, impl_->clock.now()));
  Ceremony ceremony{.kind = Ceremony::Kind::sign_up, .newcomer = newcomer};
  auto& shown = ceremony.newcomer.display_name;
  VT_TRY(shown, checked_text(shown.empty() ? newcomer.handle : shown, display_name_characters_max, "a display name"));
  if (impl_->accounts.by_handle(newcomer.handle)) return fail(Errc::conflict, "this handle is taken; choose another");
  const auto name = shown;
  auto challenge = impl_->challenge_for(std::move(ceremony));
  // Not the account's id, which does not exist yet: sign-in goes by the credential, so this only has to be unique.
  return impl_->creation_options(std::move(challenge), crypto::random_token(user_handle_bytes), newcomer.handle, name,
                                 party, {});
}

Result<Registered> Passkeys::finish_registration(const json::object& response, std::string_view account_id,
                                                 std::string_view name, const RelyingParty& party) {
  VT_TRY(const auto* inner, response_member(response));
  VT_TRY(const auto client_text, decoded_member(*inner, "clientDataJSON"));
  VT_TRY(const auto attestation, decoded_member(*inner, "attestationObject"));
  VT_TRY(const auto client, webauthn::parse_client_data(client_text));
  VT_TRY(const auto ceremony, impl_->take(client.challenge));
  if (ceremony.kind == Ceremony::Kind::sign_in || ceremony.account_id != account_id)
    return refused("it answers another question");
  VT_TRY(const auto raw, webauthn::authenticator_data_of(attestation));
  VT_TRY(const auto data, webauthn::parse_authenticator_data(raw));
  VT_CHECK(check_party(data, client, "webauthn.create", party));
  if (!data.credential) return refused("it holds no key");
  VT_CHECK(webauthn::check_key(data.credential->cose_key));
  Registered made;
  const TimeMs now = impl_->clock.now();
  VT_TRY(const auto key_name,
         checked_text(name.empty() ? "Passkey" : name, passkey_name_characters_max, "a passkey's name"));
  made.passkey = {.id = new_id(now), .name = key_name, .created_at = now};
  std::string secret;
  VT_CHECK(impl_->database.transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    if (ceremony.kind == Ceremony::Kind::sign_up) {
      VT_TRY(std::tie(made.account, secret), impl_->accounts.create_without_password(session, ceremony.newcomer));
    } else {
      made.account.id = ceremony.account_id;
    }
    return impl_->insert(session, made, *data.credential, data.sign_count);
  }));
  if (ceremony.kind == Ceremony::Kind::sign_up) {
    VT_TRY(auto signed_in, impl_->accounts.start_session(made.account.id, secret));
    made.token = std::move(signed_in.token);
  }
  VT_TRY(made.account, impl_->accounts.by_id(made.account.id));
  return made;
}

json::object Passkeys::begin_sign_in(const RelyingParty& party) {
  return {{"challenge", impl_->challenge_for({})},
          {"timeout", challenge_lifetime_ms},
          {"rpId", party.id},
          {"allowCredentials", json::array{}},
          {"userVerification", "preferred"}};
}

Result<SignIn> Passkeys::finish_sign_in(const json::object& response, const RelyingParty& party) {
  VT_TRY(const auto credential_id, decoded_member(response, "rawId"));
  VT_TRY(const auto* inner, response_member(response));
  VT_TRY(const auto client_text, decoded_member(*inner, "clientDataJSON"));
  VT_TRY(const auto raw, decoded_member(*inner, "authenticatorData"));
  VT_TRY(const auto signature, decoded_member(*inner, "signature"));
  VT_TRY(const auto client, webauthn::parse_client_data(client_text));
  VT_TRY(const auto ceremony, impl_->take(client.challenge));
  if (ceremony.kind != Ceremony::Kind::sign_in) return refused("it answers another question");
  VT_TRY(const auto data, webauthn::parse_authenticator_data(raw));
  VT_CHECK(check_party(data, client, "webauthn.get", party));
  VT_TRY(const auto rows,
         impl_->database.query("SELECT account_id, public_key, sign_count FROM passkeys WHERE credential_id = $1",
                               {blob_of(credential_id)}));
  if (rows.empty()) return fail(Errc::unauthenticated, "this passkey is not known here; it may have been removed");
  VT_TRY(const bool good, webauthn::verify(text_of(rows[0].blob(1)), raw, client_text, signature));
  if (!good) return fail(Errc::unauthenticated, "the passkey's signature is wrong");
  // A counter that does not grow says that the key was copied (§6.1.1); keys that do not count stay at 0.
  const std::int64_t last = rows[0].integer(2), now = data.sign_count;
  if ((last != 0 || now != 0) && now <= last)
    return fail(Errc::unauthenticated, "this passkey seems to have been copied; remove it and add a new one");
  VT_CHECK(impl_->database.execute("UPDATE passkeys SET sign_count = $2, last_used_at = $3 WHERE credential_id = $1",
                                   {blob_of(credential_id), now, impl_->clock.now()}));
  return impl_->accounts.start_session(rows[0].text(0));
}

Result<std::vector<Passkey>> Passkeys::of_account(std::string_view account_id) const {
  VT_TRY(
      const auto rows,
      impl_->database.query("SELECT id, name, created_at, last_used_at FROM passkeys WHERE account_id = $1 ORDER BY id",
                            {std::string(account_id)}));
  std::vector<Passkey> passkeys;
  for (const auto& row : rows) passkeys.push_back(passkey_of(row));
  return passkeys;
}

Result<void> Passkeys::remove(std::string_view account_id, std::string_view passkey_id) {
  VT_TRY(const auto account, impl_->accounts.by_id(account_id));
  VT_TRY(const auto held, of_account(account_id));
  if (std::ranges::find(held, passkey_id, &Passkey::id) == held.end())
    return fail(Errc::not_found, "there is no such passkey");
  if (held.size() == 1 && !account.has_password)
    return fail(Errc::conflict, "this passkey is the only way into the account; set a password or add another first");
  VT_CHECK(impl_->database.execute("DELETE FROM passkeys WHERE account_id = $1 AND id = $2",
                                   {std::string(account_id), std::string(passkey_id)}));
  return {};
}

}  // namespace vitrine::social
