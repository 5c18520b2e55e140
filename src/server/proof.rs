//! Proof of work, in the format of ALTCHA (version 2): while a network sends many signatures, or the server is busy, each
//! signature costs the sender some computing. People notice nothing; a flood becomes expensive. Nothing is asked of
//! third parties.

use crate::clock::{today, unix_s};
use altcha::{Challenge, CreateChallengeOptions, Payload, VerifySolutionOptions, create_challenge, verify_solution};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use pledge_domain::{CampaignId, Date};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The function that is computed, which browsers have built in, on threads of their own.
const ALGORITHM: &str = "PBKDF2/SHA-256";
/// How often the function repeats its work. The server computes it once per signature: half a millisecond.
const ITERATIONS: u32 = 1_000;
/// How the result must begin, in hexadecimal digits: 256 tries on average, a quarter of a second on a computer.
const USUAL: &str = "00";
/// The same when a network has nearly used up its room: 4,096 tries on average.
const HARD: &str = "000";
/// How long a challenge may be used, in seconds. People take minutes to fill in a form.
const LIFE_S: u64 = 30 * 60;
/// The longest text of a proof, in bytes.
const PROOF_MAX_BYTES: usize = 2_048;
/// How many used proofs are remembered. With more, new ones are refused until the oldest have expired.
const USED_MAX: usize = 500_000;
/// The member of a challenge that says for which campaign it is.
const CAMPAIGN: &str = "campaign";

/// How much work a signature costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Price {
    /// None.
    Free,
    /// Some, which no one notices.
    Usual,
    /// Sixteen times as much.
    Hard,
}

impl Price {
    fn of(prefix: &str) -> Price {
        match prefix {
            HARD => Price::Hard,
            USUAL => Price::Usual,
            _ => Price::Free,
        }
    }
}

/// Makes challenges, and checks what comes back.
pub struct Proofs {
    memory: Mutex<Memory>,
}

struct Memory {
    /// A secret for today. It is never stored, so no challenge is good for another day or after a restart.
    key: (Date, String),
    /// The proofs that have been used, and when each would have expired.
    used: HashMap<String, u64>,
    forgot_at: u64,
}

impl Default for Proofs {
    fn default() -> Proofs {
        let memory = Memory { key: (today(), random()), used: HashMap::new(), forgot_at: unix_s() };
        Proofs { memory: Mutex::new(memory) }
    }
}

impl Proofs {
    /// Returns a challenge for a campaign. `None` if nothing is asked for.
    pub fn challenge(&self, campaign: &CampaignId, price: Price) -> Option<Challenge> {
        let key_prefix = match price {
            Price::Free => return None,
            Price::Usual => USUAL,
            Price::Hard => HARD,
        };
        let key = self.memory().key();
        let expires_at = i64::try_from(unix_s() + LIFE_S).ok();
        let data = BTreeMap::from([(CAMPAIGN.to_owned(), campaign.as_str().into())]);
        // These settings are valid, so it cannot fail.
        create_challenge(CreateChallengeOptions {
            algorithm: ALGORITHM.to_owned(),
            cost: ITERATIONS,
            key_prefix: key_prefix.to_owned(),
            data: Some(data),
            expires_at,
            hmac_signature_secret: Some(key),
            ..CreateChallengeOptions::default()
        })
        .ok()
    }

    /// Returns whether a proof (Base64 of JSON) is one for this campaign and worth the price. It is used up then.
    pub fn accept(&self, campaign: &CampaignId, proof: &str, price: Price) -> bool {
        if price == Price::Free {
            return true;
        }
        let Some(payload) = parse(proof) else { return false };
        let parameters = &payload.challenge.parameters;
        let of = parameters.data.as_ref().and_then(|data| data.get(CAMPAIGN)?.as_str());
        if of != Some(campaign.as_str()) || Price::of(&parameters.key_prefix) < price {
            return false;
        }
        // Its key says whether the server has made this challenge, so that nobody chooses the work.
        let key = self.memory().key();
        let checked = verify_solution(VerifySolutionOptions::new(&payload.challenge, &payload.solution, key));
        if !checked.is_ok_and(|checked| checked.verified) {
            return false;
        }
        let expires_at = parameters.expires_at.and_then(|at| u64::try_from(at).ok()).unwrap_or_default();
        self.memory().first_use(parameters.nonce.clone(), expires_at)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A poisoned lock is safe to use: each change is complete before anything can panic.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn key(&mut self) -> String {
        let today = today();
        if self.key.0 != today {
            self.key = (today, random());
            self.used.clear();
        }
        self.key.1.clone()
    }

    /// Returns whether this proof has not been used before.
    fn first_use(&mut self, nonce: String, expires_at: u64) -> bool {
        let now = unix_s();
        if now.saturating_sub(self.forgot_at) > 60 {
            self.used.retain(|_, expires_at| *expires_at >= now);
            self.forgot_at = now;
        }
        self.used.len() < USED_MAX && self.used.insert(nonce, expires_at).is_none()
    }
}

fn parse(proof: &str) -> Option<Payload> {
    let text = (proof.len() <= PROOF_MAX_BYTES).then(|| BASE64URL_NOPAD.decode(proof.as_bytes()).ok())??;
    serde_json::from_slice(&text).ok()
}

fn random() -> String {
    let mut bytes = [0; 32];
    #[expect(clippy::disallowed_methods, reason = "a new secret is random")]
    let filled = getrandom::fill(&mut bytes);
    if let Err(error) = filled {
        // Then a sender could know the secret and make challenges of its own; everything else is safe.
        tracing::warn!(%error, "there are no random bytes for today's proofs of work");
    }
    HEXLOWER.encode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use altcha::{SolveChallengeOptions, solve_challenge};
    use serde_json::json;

    fn solved(challenge: &Challenge) -> String {
        let solution = solve_challenge(SolveChallengeOptions::new(challenge)).unwrap().unwrap();
        BASE64URL_NOPAD.encode(json!({ "challenge": challenge, "solution": solution }).to_string().as_bytes())
    }

    fn campaign(id: &str) -> CampaignId {
        CampaignId::parse(id).unwrap()
    }

    #[test]
    fn a_proof_is_good_once_and_for_its_campaign_and_price() {
        let proofs = Proofs::default();
        assert!(
            proofs.challenge(&campaign("a"), Price::Free).is_none() && proofs.accept(&campaign("a"), "", Price::Free)
        );
        let usual = proofs.challenge(&campaign("a"), Price::Usual).unwrap();
        let proof = solved(&usual);
        assert!(!proofs.accept(&campaign("b"), &proof, Price::Usual), "another campaign");
        assert!(!proofs.accept(&campaign("a"), &proof, Price::Hard), "too cheap");
        assert!(!Proofs::default().accept(&campaign("a"), &proof, Price::Usual), "another server, or another day");
        assert!(proofs.accept(&campaign("a"), &proof, Price::Usual));
        assert!(!proofs.accept(&campaign("a"), &proof, Price::Usual), "it is used up");
        let hard = proofs.challenge(&campaign("a"), Price::Hard).unwrap();
        assert!(proofs.accept(&campaign("a"), &solved(&hard), Price::Usual), "more than enough");
    }

    #[test]
    fn nobody_can_choose_the_work() {
        let proofs = Proofs::default();
        let made = proofs.challenge(&campaign("a"), Price::Usual).unwrap();
        for change in [
            |challenge: &mut Challenge| challenge.parameters.cost = 1,
            |challenge: &mut Challenge| challenge.parameters.expires_at = None,
            |challenge: &mut Challenge| challenge.parameters.algorithm = "SHA-256".to_owned(),
            |challenge: &mut Challenge| challenge.signature = None,
            |challenge: &mut Challenge| challenge.signature = Some("00".repeat(32)),
        ] {
            let mut changed = made.clone();
            change(&mut changed);
            assert!(!proofs.accept(&campaign("a"), &solved(&changed), Price::Usual), "{changed:?}");
        }
        let mut easy = made.clone();
        easy.parameters.key_prefix = String::new();
        assert!(!proofs.accept(&campaign("a"), &solved(&easy), Price::Usual));
        let wrong = json!({ "challenge": made, "solution": { "counter": 1, "derivedKey": "zz" } }).to_string();
        for nonsense in ["", "x", "!", &"A".repeat(5_000), &BASE64URL_NOPAD.encode(wrong.as_bytes())] {
            assert!(!proofs.accept(&campaign("a"), nonsense, Price::Usual));
        }
        assert!(proofs.accept(&campaign("a"), &solved(&made), Price::Usual), "the one that was made");
    }

    #[test]
    fn used_proofs_are_forgotten_when_they_expire() {
        let proofs = Proofs::default();
        let mut memory = proofs.memory();
        assert!(memory.first_use("old".to_owned(), unix_s() - 1));
        memory.forgot_at = 0;
        assert!(memory.first_use("new".to_owned(), unix_s() + 60));
        assert_eq!(memory.used.len(), 1);
        assert!(!memory.first_use("new".to_owned(), unix_s() + 60));
    }
}
