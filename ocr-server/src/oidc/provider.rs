//! What a provider says of itself, and what its tokens prove.

use std::sync::Arc;

use ocr_core::clock::Timestamp;
use openidconnect::{
    AuthType, ClaimsVerificationError, Client, ClientId, ClientSecret, DiscoveryError, EmptyExtraTokenFields,
    EndSessionUrl, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdToken, IdTokenFields, IdTokenVerifier,
    IssuerUrl, JsonWebKeySet, JsonWebKeySetUrl, Nonce, ProviderMetadataWithLogout, RedirectUrl,
    StandardErrorResponse, StandardTokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
        CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
        CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use secrecy::ExposeSecret;

use super::{
    OidcSettings,
    claims::{OidcClaims, OtherClaims},
    failure::{OidcError, OidcFailure},
    http::{OidcHttp, OidcHttpError},
    is_protected,
};

/// Signatures that are believed: with the private key of the provider only. `none` is none, and what is signed with the
/// secret of the client could be signed by the client.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type OidcTokenResponse = StandardTokenResponse<
    IdTokenFields<
        OtherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// A token that says who somebody is.
pub(super) type OidcToken =
    IdToken<OtherClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// This server as a client of a provider.
type OidcClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    OidcTokenResponse,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider as it was when it was asked.
#[derive(Clone)]
pub(super) struct Provider {
    /// This server as its client.
    pub(super) client: Arc<OidcClient>,
    /// Where people sign out of it.
    pub(super) end_session: Option<EndSessionUrl>,
    /// When it was asked.
    pub(super) since: Timestamp,
    issuer: IssuerUrl,
    authorization: String,
    keys: CoreJsonWebKeySet,
    keys_url: JsonWebKeySetUrl,
}

impl Provider {
    /// Asks the provider of `settings`.
    ///
    /// # Errors
    /// `Provider` when it cannot be reached, or what it says cannot be used.
    pub(super) async fn discover(
        settings: &OidcSettings,
        redirect: RedirectUrl,
        http: &OidcHttp,
        now: Timestamp,
    ) -> Result<Self, OidcError> {
        let issuer =
            IssuerUrl::new(settings.issuer.clone()).map_err(|error| OidcFailure::Provider.because(error))?;
        let metadata = ProviderMetadataWithLogout::discover_async(issuer.clone(), http)
            .await
            .map_err(of_discovery)?;
        let end_session = metadata.additional_metadata().end_session_endpoint.clone();
        checked(&metadata, end_session.as_ref())?;
        let secret = settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let auth_type = auth_type(metadata.token_endpoint_auth_methods_supported());
        let (authorization, keys_url) = (
            metadata.authorization_endpoint().to_string(),
            metadata.jwks_uri().clone(),
        );
        let keys = metadata.jwks().clone();
        let client = ClientId::new(settings.client_id.clone());
        let client = OidcClient::from_provider_metadata(metadata, client, secret)
            .set_auth_type(auth_type)
            .set_redirect_uri(redirect);
        Ok(Self {
            client: Arc::new(client),
            end_session,
            since: now,
            issuer,
            authorization,
            keys,
            keys_url,
        })
    }

    /// Where people sign in.
    pub(super) fn authorization_endpoint(&self) -> String {
        self.authorization.clone()
    }

    /// The same with the keys that it has now.
    ///
    /// # Errors
    /// `Provider` when it cannot be asked.
    pub(super) async fn with_present_keys(&self, http: &OidcHttp) -> Result<Self, OidcError> {
        let keys = JsonWebKeySet::fetch_async(&self.keys_url, http)
            .await
            .map_err(of_discovery)?;
        Ok(Self { keys, ..self.clone() })
    }

    /// The claims of `token`, if the provider signed it, for this client, for this sign-in, and it is still valid.
    pub(super) fn verified<'t>(
        &self,
        token: &'t OidcToken,
        client: &ClientId,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<&'t OidcClaims, ClaimsVerificationError> {
        let verifier =
            IdTokenVerifier::new_public_client(client.clone(), self.issuer.clone(), self.keys.clone())
                .set_allowed_algs(ALGORITHMS)
                .set_time_fn(move || now);
        token.claims(&verifier, nonce)
    }
}

/// How the secret is sent: in a header, unless the provider takes it in the body only.
fn auth_type(methods: Option<&Vec<CoreClientAuthMethod>>) -> AuthType {
    let takes = |method| methods.is_some_and(|methods| methods.contains(&method));
    if takes(CoreClientAuthMethod::ClientSecretPost) && !takes(CoreClientAuthMethod::ClientSecretBasic) {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    }
}

/// Refuses addresses at which others can listen, and a provider without one that is needed.
fn checked(
    metadata: &ProviderMetadataWithLogout,
    end_session: Option<&EndSessionUrl>,
) -> Result<(), OidcError> {
    let Some(token) = metadata.token_endpoint() else {
        return Err(OidcFailure::Provider.because("the provider names no token_endpoint"));
    };
    let urls = [
        Some(metadata.authorization_endpoint().url()),
        Some(token.url()),
        Some(metadata.jwks_uri().url()),
        end_session.map(EndSessionUrl::url),
    ];
    match urls.into_iter().flatten().find(|url| !is_protected(url)) {
        Some(url) => Err(OidcFailure::Provider.because(format!("{url} has no TLS"))),
        None => Ok(()),
    }
}

fn of_discovery(error: DiscoveryError<OidcHttpError>) -> OidcError {
    match error {
        DiscoveryError::Request(error) => OidcFailure::Provider.because(error),
        DiscoveryError::Parse(error) => OidcFailure::Provider.because(format!(
            "what the provider says of itself cannot be read: {error}"
        )),
        error => OidcFailure::Provider.because(error),
    }
}
