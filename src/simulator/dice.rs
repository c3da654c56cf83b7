//! Repeatable randomness: everything made up is a pure function of a seed and a salt.

/// A number that looks random and is always the same for the same two (SplitMix64's finaliser, twice).
pub(super) fn mix(seed: u64, salt: u64) -> u64 {
    finalise(seed ^ finalise(salt.wrapping_add(0x9e37_79b9_7f4a_7c15)))
}

fn finalise(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A share in `0.0..1.0`.
pub(super) fn unit(seed: u64, salt: u64) -> f64 {
    (mix(seed, salt) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A generator of its own for one thing to be made up.
pub(super) fn dice(seed: u64, salt: u64) -> fastrand::Rng {
    fastrand::Rng::with_seed(mix(seed, salt))
}

/// One of a list; the default of `T` for an empty one.
pub(super) fn pick<T: Copy + Default>(list: &[T], dice: &mut fastrand::Rng) -> T {
    dice.choice(list).copied().unwrap_or_default()
}

/// A version 4 UUID in its usual spelling.
pub(super) fn uuid(seed: u64, salt: u64) -> String {
    let (a, b) = (mix(seed, salt), mix(!seed, salt));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        0x8000 | (b >> 48 & 0x3fff),
        b & 0xffff_ffff_ffff
    )
}
