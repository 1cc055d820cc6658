#include "custody/opening.hpp"

#include "base/id.hpp"
#include "base/webauthn.hpp"

namespace vitrine::custody {
namespace {

constexpr std::size_t case_bytes_max = 200;
constexpr std::string_view challenge_prefix = "vitrine approval v1\n";

Result<crypto::Hash> hash_member(const json::object& object, std::string_view key) {
  VT_TRY(const auto text, text_member(object, key));
  VT_TRY(const auto bytes, crypto::from_base64(text));
  return crypto::hash_from(bytes);
}

Result<const json::object*> object_of(const json::value& value, std::string_view what) {
  if (!value.is_object()) return fail(Errc::invalid_argument, "{} is an object", what);
  return &value.get_object();
}

Result<std::string> base64_member(const json::object& object, std::string_view key) {
  VT_TRY(const auto text, text_member(object, key, ""));
  return crypto::from_base64(text);
}

std::string spelt(const json::object& object) { return *canonical_json(object); }

}  // namespace

json::object Request::to_json() const {
  json::array list;
  for (const auto& one : records) list.emplace_back(one);
  return {{"case", case_id},    {"class", data_class}, {"created_s", created_s},     {"id", id},
          {"purpose", purpose}, {"reader", reader},    {"records", std::move(list)}, {"v", 1},
          {"zone", zone}};
}

crypto::Hash Request::hash() const { return crypto::sha256(spelt(to_json())); }

crypto::Hash Request::challenge() const { return crypto::sha256(std::string(challenge_prefix) + spelt(to_json())); }

Result<Request> read_request(const json::value& value) {
  VT_TRY(const auto* object, object_of(value, "a request"));
  Request out;
  VT_TRY(out.id, text_member(*object, "id"));
  VT_TRY(out.reader, text_member(*object, "reader"));
  VT_TRY(out.purpose, text_member(*object, "purpose"));
  VT_TRY(out.case_id, text_member(*object, "case"));
  VT_TRY(out.data_class, text_member(*object, "class"));
  VT_TRY(out.zone, text_member(*object, "zone"));
  VT_TRY(out.created_s, int_member(*object, "created_s"));
  const auto* records = object->if_contains("records");
  if (!is_id(out.id) || out.case_id.size() > case_bytes_max || !records || !records->is_array() ||
      records->get_array().empty() || records->get_array().size() > records_per_batch_max)
    return fail(Errc::invalid_argument, "a request has an id, a case of at most {} bytes and 1 to {} records",
                case_bytes_max, records_per_batch_max);
  for (const auto& record : records->get_array()) {
    if (!record.is_string() || !is_id(record.get_string()))
      return fail(Errc::invalid_argument, "a record's id is not one");
    out.records.emplace_back(record.get_string());
  }
  return out;
}

json::object Opening::to_json() const {
  return {{"request", crypto::base64(request)},
          {"salt", crypto::base64(salt)},
          {"v", 1},
          {"vault_key", crypto::base64(vault_key)}};
}

crypto::Hash Opening::commitment() const { return crypto::sha256(spelt(to_json())); }

Result<Opening> read_opening(const json::value& value) {
  VT_TRY(const auto* object, object_of(value, "an opening"));
  Opening out;
  VT_TRY(out.request, hash_member(*object, "request"));
  VT_TRY(out.salt, hash_member(*object, "salt"));
  VT_TRY(out.vault_key, hash_member(*object, "vault_key"));
  return out;
}

json::object Approval::to_json() const {
  const auto text = [](std::string_view bytes) { return crypto::base64(crypto::bytes_of(bytes)); };
  return {{"authenticator_data", text(authenticator_data)},
          {"by", by},
          {"client_data", text(client_data)},
          {"signature", text(signature)}};
}

Result<Approval> read_approval(const json::value& value) {
  VT_TRY(const auto* object, object_of(value, "an approval"));
  Approval out;
  VT_TRY(out.by, text_member(*object, "by"));
  VT_TRY(out.authenticator_data, base64_member(*object, "authenticator_data"));
  VT_TRY(out.client_data, base64_member(*object, "client_data"));
  VT_TRY(out.signature, base64_member(*object, "signature"));
  return out;
}

Result<void> verify(const Approval& approval, const Request& request, const Member& by, const std::string& rp_id) {
  const auto wrong = [&](std::string_view why) {
    return fail(Errc::forbidden, "the approval of {} does not hold: {}", by.id, why);
  };
  const auto challenge = request.challenge();
  if (approval.by != by.id) return wrong("it is somebody else's");
  if (by.cose_key.empty()) {
    if (!crypto::verify_signature(by.key, challenge, crypto::bytes_of(approval.signature)))
      return wrong("its signature");
    return {};
  }
  const auto client = webauthn::parse_client_data(approval.client_data);
  const auto data = webauthn::parse_authenticator_data(approval.authenticator_data);
  if (!client || !data) return wrong("it is not a passkey's");
  if (client->type != "webauthn.get" || client->cross_origin) return wrong("it was made for something else");
  if (client->challenge != crypto::base64url(challenge)) return wrong("it is for another request");
  if (data->rp_id_hash != crypto::text_of(crypto::sha256(rp_id))) return wrong("it was made for another host");
  if (!data->user_present || !data->user_verified) return wrong("nobody was there to give it");
  const auto good =
      webauthn::verify(by.cose_key, approval.authenticator_data, approval.client_data, approval.signature);
  if (!good || !*good) return wrong("its signature");
  return {};
}

tlog::Hash root_of_tags(std::span<const std::string> tags) {
  std::vector<tlog::Hash> leaves;
  for (const auto& tag : tags) leaves.push_back(tlog::leaf_hash(tag));
  return tlog::root_of(leaves);
}

std::optional<tlog::Hash> tags_root_in(std::string_view entry) {
  const auto value = parse_json(entry);
  if (!value || !value->is_object() || text_member(value->get_object(), "kind", "").value_or("") != "batch")
    return std::nullopt;
  const auto root = hash_member(value->get_object(), "tags_root");
  return root ? std::optional(*root) : std::nullopt;
}

std::string access_entry(const Request& request, const Member& reader, std::int64_t bucket, std::string_view nonce,
                         std::span<const std::string> tags, const crypto::Hash& commitment) {
  json::object object{{"bucket_s", bucket},
                      {"class", request.data_class},
                      {"commitment", crypto::base64(commitment)},
                      {"data_zone", request.zone},
                      {"nonce", crypto::base64(crypto::bytes_of(nonce))},
                      {"purpose", request.purpose},
                      {"reader", reader.id},
                      {"role", name(reader.role)},
                      {"v", 1},
                      {"zone", reader.zone}};
  if (reader.role == Role::service) {
    object["kind"] = "batch";
    object["count"] = tags.size();
    object["tags_root"] = crypto::base64(root_of_tags(tags));
  } else {
    VT_ASSERT(tags.size() == 1);
    object["kind"] = "access";
    object["tag"] = crypto::base64(crypto::bytes_of(tags.front()));
  }
  return spelt(object);
}

crypto::Hash mask_seed(const crypto::Hash& mask, std::string_view entry) {
  return crypto::hmac_sha256(mask, crypto::bytes_of(entry));
}

std::string erased_name(std::string_view record) { return crypto::base64(crypto::sha256(record)); }

}  // namespace vitrine::custody
