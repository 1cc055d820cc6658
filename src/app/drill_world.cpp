#include "app/drill_world.hpp"

namespace vitrine::app {

Result<std::unique_ptr<DrillWorld>> DrillWorld::open(std::map<std::string, custody::Purpose> purposes) {
  auto out = std::make_unique<DrillWorld>();
  HouseholdOptions options{.directory = out->folder.path().string(),
                           .witnesses = 2,
                           .quorum = 2,
                           .zones = {"abroad", "home"},
                           .delay_s = 0,
                           .purposes = std::move(purposes),
                           .members = {out->mia.member, out->noor.member, out->otto.member, out->fern.member}};
  VT_TRY(auto household, Household::prepare(std::move(options)));
  out->household = std::make_unique<Household>(std::move(household));
  VT_CHECK(out->household->start());
  out->vault = std::make_unique<VaultClient>(out->household->socket("vault"));
  return out;
}

Result<custody::SealedRecord> DrillWorld::keep(const std::string& subject, const std::string& data_class,
                                               std::string_view text, bool guarded) {
  custody::Field field{.subject = subject,
                       .data_class = data_class,
                       .zone = "home",
                       .purposes = {},
                       .receipt_key = receipt_key(subject),
                       .guarded = guarded};
  for (const auto& [name, purpose] : household->rules().purposes)
    if (purpose.classes.contains(data_class)) field.purposes.insert(name);
  VT_TRY(auto record, custody::seal(household->rules(), field, text, clock.now()));
  VT_CHECK(vault->put(record, receipt_key(subject), 0));
  return record;
}

Result<custody::Request> DrillWorld::ask(const DrillPerson& reader, const std::string& subject,
                                         const std::string& data_class, const std::string& purpose) {
  return vault->ask(reader.member, subject, data_class, purpose, "case of a drill");
}

Result<void> DrillWorld::sign(const custody::Request& request, const DrillPerson& by) {
  return vault->approve(request.id, by.passkey.approve(request, by.member.id, household->rules().rp_id));
}

Result<std::string> DrillWorld::open_field(const DrillPerson& reader, std::initializer_list<const DrillPerson*> signers,
                                           const std::string& subject, const std::string& data_class) {
  VT_TRY(const auto request, ask(reader, subject, data_class));
  VT_CHECK(sign(request, reader));
  for (const auto* signer : signers) VT_CHECK(sign(request, *signer));
  return vault->open_field(request.id);
}

Result<std::string> DrillWorld::append(const std::string& entry) {
  http::Client log(household->append_socket());
  return body_of(log.send(http::Method::post, "/entries?proof", {}, entry));
}

Result<std::string> DrillWorld::post(const std::string& role, const std::string& path, const std::string& body) {
  http::Client client(household->socket(role));
  return body_of(client.send(http::Method::post, path, {}, body));
}

Result<std::vector<std::string>> DrillWorld::public_entries() {
  std::vector<std::string> out;
  tlog::Follower follower(household->rules().log, household->rules().witnesses, fetch_from(household->socket("log")),
                          {.on_entry = [&](std::uint64_t, std::string_view entry) -> Result<void> {
                            out.emplace_back(entry);
                            return {};
                          }});
  VT_CHECK(follower.follow());
  return out;
}

Result<std::vector<std::string>> DrillWorld::receipts_in_log(const std::string& subject) {
  VT_TRY(const auto entries, public_entries());
  std::vector<std::string> out;
  for (const auto& entry : entries) {
    const auto value = parse_json(entry);
    if (!value || !value->is_object()) continue;
    const auto nonce = text_member(value->get_object(), "nonce"), tag = text_member(value->get_object(), "tag");
    if (!nonce || !tag) continue;
    const auto nonce_bytes = crypto::from_base64(*nonce), tag_bytes = crypto::from_base64(*tag);
    if (nonce_bytes && tag_bytes && custody::subject_tag(receipt_key(subject), *nonce_bytes) == *tag_bytes)
      out.push_back(entry);
  }
  return out;
}

}  // namespace vitrine::app
