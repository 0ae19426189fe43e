package pocketkms

import com.sun.jna.Memory

/**
 * The memory of the structures by which a call hands buffers to Rust and back, of some 30 bytes each. JNA would take it from the system for
 * each of them, and have a thread give it back when the structure is collected: where several threads call, that one thread cannot keep
 * up, and the heap is full of what it has still to do. Here a block is taken for many. Each slice is used once, and a block goes when all
 * of its structures are collected. polish.awk puts the calls of it into the code that UniFFI makes.
 */
internal object CallMemory {
    private const val BLOCK = 8 * 1024

    private class Block {
        val memory = Memory(BLOCK.toLong()).apply { clear() }
        var used = 0
    }

    private val blocks = ThreadLocal<Block>()

    /** Zeros. */
    fun slice(size: Int): Memory {
        val aligned = (size + 7) and -8
        var block = blocks.get()
        if (block == null || block.used + aligned > BLOCK) block = Block().also(blocks::set)
        // A slice keeps its block.
        return (block.memory.share(block.used.toLong(), size.toLong()) as Memory).also { block.used += aligned }
    }
}
