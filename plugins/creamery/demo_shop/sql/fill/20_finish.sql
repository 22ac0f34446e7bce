-- Leave nothing behind but the shop and its truth.
drop schema draws cascade;
