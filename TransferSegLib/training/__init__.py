"""How a plan is trained: the loop, patches, augmentation, objectives and schedules."""
