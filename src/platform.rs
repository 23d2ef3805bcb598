//! What the processor and the operating system offer: cache prefetch, wide vectors, huge pages, and how much memory there is.
//!
//! The only file that may contain `unsafe`. It knows nothing about simulation, and everything in it has a plain fallback,
//! so no result depends on it: only speed does.
#![allow(unsafe_code)]

pub mod memory;

use std::alloc::{GlobalAlloc, Layout, System};

/// Asks the processor to fetch the start of `target` into its cache; does nothing where there is no such instruction.
#[inline(always)]
pub fn prefetch<T>(target: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch never faults and changes no memory, whatever the address; SSE is part of x86_64.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(target).cast()) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = target;
}

/// Arithmetic over many numbers that gains from wide vectors.
///
/// It has the same results with vectors of any width: nothing is fused or put in another order.
pub trait Arithmetic {
    /// What comes out.
    type Output;

    /// Does it. To be compiled for other vectors it must be `#[inline(always)]`, and so must be what it calls.
    fn work_out(self) -> Self::Output;
}

/// Works something out with the widest vectors of this processor.
#[inline]
pub fn with_wide_vectors<A: Arithmetic>(arithmetic: A) -> A::Output {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn with_avx2<A: Arithmetic>(arithmetic: A) -> A::Output {
            arithmetic.work_out()
        }
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has the feature.
            return unsafe { with_avx2(arithmetic) };
        }
    }
    arithmetic.work_out()
}

/// Bytes from which an allocation is worth huge pages.
const LARGE: usize = 4 << 20;
/// Bytes of a huge page.
const HUGE_PAGE: usize = 2 << 20;

/// A global allocator that asks for huge pages for every allocation of 4 MiB and more, and otherwise is [`System`].
///
/// Terminal states and pending events are two large arrays that are read at random; with 4 KiB pages the address
/// translation of each access would miss as well.
pub struct HugePages;

/// The layout that is really requested from [`System`]: large blocks start on a huge page.
fn padded(layout: Layout) -> Layout {
    if layout.size() < LARGE { layout } else { layout.align_to(HUGE_PAGE).unwrap_or(layout) }
}

/// Tells the kernel to back a large block with huge pages. A refusal costs speed only, so it is not reported.
fn advise(block: *mut u8, size: usize) {
    #[cfg(target_os = "linux")]
    if size >= LARGE && !block.is_null() {
        // SAFETY: the block is `size` bytes that the caller has just allocated, and this advice does not touch contents.
        unsafe { libc::madvise(block.cast(), size, libc::MADV_HUGEPAGE) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (block, size);
}

// SAFETY: every method passes on to `System`, with a layout that is a function of the caller's layout alone. So a block
// goes back with the same layout that it was requested with, and the layout is never weaker than the caller's.
unsafe impl GlobalAlloc for HugePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps `alloc`'s contract, and padding changes only the alignment, upwards.
        let block = unsafe { System.alloc(padded(layout)) };
        advise(block, layout.size());
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() < LARGE {
            // SAFETY: the caller keeps `alloc_zeroed`'s contract.
            return unsafe { System.alloc_zeroed(layout) };
        }
        // The advice must come before the first touch, so a large block is cleared here.
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which includes that of `alloc`.
        let block = unsafe { self.alloc(layout) };
        if !block.is_null() {
            // SAFETY: the block is valid for `layout.size()` bytes.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: `block` came from `alloc` with this layout, hence from `System` with the padded one.
        unsafe { System.dealloc(block, padded(layout)) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if layout.size() < LARGE && new_size < LARGE {
            // SAFETY: neither size is padded, so `System` knows the block by this very layout.
            return unsafe { System.realloc(block, layout, new_size) };
        }
        // SAFETY: the caller guarantees that `new_size` does not overflow when rounded up to the alignment.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: `new_size` is not zero, by the contract of `realloc`.
        let new_block = unsafe { self.alloc(new_layout) };
        if !new_block.is_null() {
            // SAFETY: both blocks are valid for the smaller of the sizes and cannot overlap; the old one is given up.
            unsafe {
                block.copy_to_nonoverlapping(new_block, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
        }
        new_block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_every_size_keep_their_contents_when_they_grow_and_shrink() {
        let sizes = [64, LARGE - 8, LARGE, 3 * LARGE + 8, 2 * LARGE, 64];
        let mut layout = Layout::from_size_align(8, 8).unwrap();
        // SAFETY: each block is used within its size and freed once, with the layout it has at that time.
        unsafe {
            let mut block = HugePages.alloc(layout);
            block.cast::<u64>().write(0x0123_4567_89AB_CDEF);
            for size in sizes {
                block = HugePages.realloc(block, layout, size);
                layout = Layout::from_size_align(size, 8).unwrap();
                assert_eq!(block.cast::<u64>().read(), 0x0123_4567_89AB_CDEF, "{size}");
                assert!(size < LARGE || block.addr().is_multiple_of(HUGE_PAGE), "{size}");
            }
            HugePages.dealloc(block, layout);
        }
    }

    #[test]
    fn zeroed_blocks_are_zero() {
        for size in [4096, LARGE + 4096] {
            let layout = Layout::from_size_align(size, 64).unwrap();
            // SAFETY: the block is read within its size and freed once with its own layout.
            unsafe {
                let block = HugePages.alloc_zeroed(layout);
                assert!(std::slice::from_raw_parts(block, size).iter().all(|&byte| byte == 0));
                HugePages.dealloc(block, layout);
            }
        }
    }

    #[test]
    fn vectors_of_any_width_give_the_same_bits() {
        struct Sums;
        impl Arithmetic for Sums {
            type Output = [f64; 19];

            #[inline(always)]
            fn work_out(self) -> [f64; 19] {
                std::array::from_fn(|n| (1..40).fold(0.1 * n as f64, |sum, k| (sum * 1.7 + 1.0 / f64::from(k)).sqrt()))
            }
        }
        assert_eq!(with_wide_vectors(Sums).map(f64::to_bits), Sums.work_out().map(f64::to_bits));
    }

    #[test]
    fn prefetch_leaves_its_target_alone() {
        let target = [7_u64; 8];
        prefetch(&target);
        assert_eq!(target, [7; 8]);
    }
}
